/** The conversation on screen. Nodes stay as they are while their message does: a screen reader reads new ones only. */
import { openButtons } from "../thread.js";
import { h } from "./dom.js";
import { messageNode } from "./message.js";

const NEAR_PX = 80;

export class LogView {
  constructor(words, locale, does) {
    Object.assign(this, { words, locale, does, nodes: new Map() });
    this.replies = h("div", { class: "replies", role: "group", "aria-label": words.replies, hidden: true });
    this.dots = h("div", { class: "dots", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
    this.end = h("div", {}, this.replies, this.dots);
    this.greeting = h("p", { class: "greeting" }, words.greeting);
    this.element = h(
      "div",
      { class: "log", role: "log", "aria-live": "polite", "aria-label": words.conversation, tabindex: "0" },
      this.greeting,
      this.end,
    );
  }

  update({ thread, outbox, typing, isUp }) {
    // A whole history is not read out.
    this.element.setAttribute("aria-busy", String(!isUp));
    this.place(thread.map((message) => this.nodeOf(message, outbox.has(message.id))));
    this.offer(openButtons(thread));
    this.dots.hidden = !typing;
  }

  /** Make a change; whoever read the newest words goes on seeing them, others are not moved. */
  keepEnd(change) {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    change();
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) this.toEnd();
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  nodeOf(message, isPending) {
    const state = JSON.stringify([message, isPending]);
    const known = this.nodes.get(message.id);
    if (known?.state === state) return known.node;
    const node = messageNode(message, isPending, this.words, this.locale, this.does);
    known?.node.replaceWith(node);
    this.nodes.set(message.id, { node, state });
    return node;
  }

  place(nodes) {
    let before = this.greeting;
    for (const node of nodes) {
      if (before.nextSibling !== node) before.after(node);
      before = node;
    }
    while (before.nextSibling !== this.end) before.nextSibling.remove();
  }

  offer(buttons) {
    const offered = JSON.stringify(buttons);
    if (offered === this.offered) return;
    this.offered = offered;
    const say = (button) => () => this.does.say(spoken(button));
    this.replies.replaceChildren(...buttons.map((button) => h("button", { type: "button", onclick: say(button) }, button.title)));
    this.replies.hidden = !buttons.length;
  }
}

/** A payload that is a command to Rasa is not for shoppers to give, nor to read. */
function spoken({ title, payload }) {
  return payload && !payload.startsWith("/") ? payload : title;
}
