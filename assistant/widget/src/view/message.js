/** One message on screen. */
import { fill } from "../strings.js";
import { h, icon } from "./dom.js";
import { CLIP } from "./icons.js";
import { rich } from "./rich.js";

const DAY_MS = 24 * 3600 * 1000;

/** `isPending`: not acknowledged yet. `does` has again(message) and edit(message) for one that was refused. */
export function messageNode(message, isPending, words, locale, does) {
  const { role, text, name, attachment, failed } = message;
  if (role === "notice") return h("p", { class: "notice" }, text);
  const who = { shopper: words.you, bot: words.bot, agent: name || words.team }[role];
  return h(
    "div",
    { class: `message ${role}` },
    h("span", { class: "who" }, who),
    text && h("div", { class: "bubble" }, role === "shopper" ? text : rich(text)),
    attachment && h("div", { class: "bubble file" }, icon(CLIP), h("span", {}, fill(words.file, attachment))),
    failed ? refusal(message, words, does) : h("span", { class: "meta" }, isPending ? words.sending : time(message, locale)),
  );
}

function refusal(message, words, does) {
  const button = (label, onclick) => h("button", { type: "button", class: "link", onclick }, label);
  return h(
    "span",
    { class: "meta failed" },
    `${words.not_sent} ${message.failed} `,
    button(words.again, () => does.again(message)),
    button(words.edit, () => does.edit(message)),
  );
}

function time({ at }, locale) {
  const then = new Date(at * 1000);
  const day = Date.now() - then < DAY_MS ? {} : { day: "numeric", month: "short" };
  const shown = then.toLocaleString(locale, { ...day, hour: "2-digit", minute: "2-digit" });
  return h("time", { datetime: then.toISOString() }, shown);
}
