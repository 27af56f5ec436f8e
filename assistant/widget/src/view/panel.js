/** The window: launcher, head, conversation, what the shopper should know now, composer. */
import { fill } from "../strings.js";
import { h, icon, iconButton, keyed } from "./dom.js";

const PHONE = "(max-width: 480px)";

/**
 * @param {object} parts words, log and composer views; retry(); toggled(isOpen) when the shopper or the page opens or
 *   closes it.
 */
export function panelView({ words, log, composer, retry, toggled }) {
  const badge = h("span", { class: "badge", "aria-hidden": "true" });
  const launcher = h("button", { type: "button", class: "launcher", "aria-controls": "panel", onclick: toggle }, icon("chat"), badge);
  const face = h("div", { class: "face" });
  const who = h("p", {});
  const status = h("div", { class: "status", role: "status" });
  const panel = h(
    "section",
    { id: "panel", class: "panel", role: "dialog", "aria-label": words.title, tabindex: "-1", hidden: true, onkeydown: onKey },
    h("header", {}, face, h("div", {}, h("h2", {}, words.title), who), iconButton("close", words.close, { onclick: close })),
    ...[log.root, status, composer.root],
  );
  const isPhone = matchMedia(PHONE);

  function open() {
    if (!panel.hidden) return;
    panel.hidden = false;
    panel.setAttribute("aria-modal", String(isPhone.matches));
    if (matchMedia("(pointer: coarse)").matches) panel.focus(); // no keyboard over the greeting
    else composer.focus();
    log.toEnd();
    toggled(true);
  }

  function close() {
    if (panel.hidden) return;
    const hadFocus = panel.getRootNode().activeElement;
    panel.hidden = true;
    if (hadFocus) launcher.focus();
    toggled(false);
  }

  function toggle() {
    if (panel.hidden) open();
    else close();
  }

  function onKey(event) {
    event.stopPropagation(); // the page's own shortcuts are not meant here
    if (event.key === "Escape" && !event.isComposing) close();
    if (event.key === "Tab" && isPhone.matches) stayInside(event);
  }

  function stayInside(event) {
    const stops = [...panel.querySelectorAll("button:enabled, a, textarea, [tabindex='0']")].filter((stop) => stop.getClientRects().length);
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (panel.getRootNode().activeElement !== from) return;
    event.preventDefault();
    to.focus();
  }

  function drawHead({ up, talking, everUp }) {
    const name = talking.who === "agent" ? talking.name || words.agent : words.bot;
    keyed(face, talking.who, () => [icon(talking.who === "agent" ? "person" : "chat")]);
    keyed(who, [up, everUp, name].join(), () => [up ? name : everUp ? words.offline : words.connecting]);
  }

  function drawStatus({ note, typing, stillLooking, talking }) {
    const typist = fill(words.typing, { who: talking.name || words.bot });
    const quiet = stillLooking ? words.still_looking : typing ? typist : "";
    status.classList.toggle("unseen", !note);
    keyed(status, note ?? quiet, () => (note ? noteCard(note) : [quiet]));
  }

  function noteCard(note) {
    const again = note === "unreachable" ? h("button", { type: "button", onclick: retry }, words.try_now) : null;
    return [h("span", {}, words[note]), again];
  }

  function drawLauncher({ unread }) {
    const doing = panel.hidden ? words.open : words.close;
    launcher.setAttribute("aria-expanded", String(!panel.hidden));
    launcher.setAttribute("aria-label", unread ? `${doing}, ${fill(words.unread, { n: unread })}` : doing);
    keyed(badge, unread, () => (unread ? [unread > 9 ? "9+" : String(unread)] : []));
  }

  return {
    nodes: [panel, launcher],
    open,
    close,
    toggle,
    isOpen: () => !panel.hidden,
    draw(state) {
      drawHead(state);
      drawStatus(state);
      drawLauncher(state);
      log.draw(state);
      composer.draw();
    },
  };
}
