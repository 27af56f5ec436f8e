/** The launcher and the window that it opens, put together. */
import { statusOf } from "../status.js";
import { fill, localeOf } from "../strings.js";
import { ComposerView } from "./composer.js";
import { h, icon, setText } from "./dom.js";
import { CHAT, CLOSE } from "./icons.js";
import { LogView } from "./log.js";
import { RatingView } from "./rating.js";

export class WindowView {
  constructor(chat, words, { language, position }) {
    Object.assign(this, { chat, words });
    this.makeParts(localeOf(language, navigator.languages));
    this.makePanel();
    this.badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
    this.launcher = h(
      "button",
      { type: "button", class: "launcher", "aria-controls": "panel", onclick: () => this.toggle() },
      icon(CHAT),
      icon(CLOSE),
      this.badge,
    );
    const keys = { onkeydown: (event) => this.pressed(event), onkeyup: stop, onkeypress: stop };
    const side = position ? { "data-position": position } : {};
    this.element = h(
      "section",
      { class: "root", dir: words.dir, lang: language, "aria-label": words.title, ...side, ...keys },
      this.panel,
      this.launcher,
    );
    this.update();
  }

  makeParts(locale) {
    const { chat, words } = this;
    const say = (text, attachment) => {
      chat.say(text, attachment);
      if (attachment) chat.set({ file: null });
      this.log.toEnd();
    };
    const edit = (message) => {
      chat.drop(message);
      this.composer.edit(message.text);
    };
    this.log = new LogView(words, locale, { say, edit, again: (message) => chat.sayAgain(message) });
    this.rating = new RatingView(words, (score) => chat.rate(score));
    this.composer = new ComposerView(words, {
      say,
      attach: (file) => chat.attach(file),
      detach: () => chat.set({ file: null }),
      typed: () => chat.notice && chat.set({ notice: null }),
      refuse: (notice) => chat.set({ notice }),
    });
  }

  makePanel() {
    const { words } = this;
    this.subtitle = h("p", {});
    this.status = h("div", { class: "status", role: "status" });
    const close = h("button", { type: "button", class: "round", "aria-label": words.close, onclick: () => this.close() }, icon(CLOSE));
    const heading = h("div", {}, h("h2", {}, words.title), this.subtitle);
    const head = h("header", {}, h("span", { class: "avatar" }, icon(CHAT)), heading, close);
    this.panel = h(
      "div",
      { id: "panel", class: "panel", role: "dialog", "aria-label": words.title, tabindex: "-1", hidden: true },
      head,
      this.log.element,
      this.rating.element,
      this.status,
      this.composer.element,
    );
  }

  update() {
    const { chat, words, launcher, badge } = this;
    const isOpen = Boolean(chat.isOpen);
    this.panel.hidden = !isOpen;
    launcher.setAttribute("aria-expanded", String(isOpen));
    launcher.setAttribute("aria-label", this.launcherLabel(isOpen));
    badge.hidden = !chat.unread || isOpen;
    setText(badge, chat.unread > 9 ? "9+" : String(chat.unread));
    const { who, name } = chat.talking;
    setText(this.subtitle, who === "agent" ? fill(words.with_you, { name: name || words.team }) : words.bot);
    this.panel.classList.toggle("person", who === "agent");
    this.log.keepEnd(() => {
      for (const part of [this.log, this.rating, this.composer]) part.update(chat);
      this.showStatus();
    });
  }

  showStatus() {
    const { text, isQuiet } = statusOf(this.chat, this.words, navigator.onLine);
    setText(this.status, text);
    this.status.classList.toggle("quiet", isQuiet);
  }

  launcherLabel(isOpen) {
    const { words, chat } = this;
    if (isOpen) return words.close;
    return chat.unread ? `${words.open}, ${fill(words.unread, { count: chat.unread })}` : words.open;
  }

  toggle() {
    if (this.chat.isOpen) this.close();
    else this.open();
  }

  /** On a touch screen the keyboard would cover the conversation: there the window gets the focus. */
  open() {
    if (!this.chat.isOpen) this.chat.open();
    this.log.toEnd();
    (matchMedia("(pointer: coarse)").matches ? this.panel : this.composer.input).focus();
  }

  close() {
    if (!this.chat.isOpen) return;
    this.chat.close();
    this.launcher.focus();
  }

  /** The shop's own keys are not for what is typed here. */
  pressed(event) {
    event.stopPropagation();
    if (event.key === "Escape" && !event.isComposing) this.close();
  }
}

function stop(event) {
  event.stopPropagation();
}
