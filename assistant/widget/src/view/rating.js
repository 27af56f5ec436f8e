/** Asks how it was, once. */
import { fill } from "../strings.js";
import { h } from "./dom.js";

const SCORES = [1, 2, 3, 4, 5];

export class RatingView {
  constructor(words, rate) {
    this.buttons = SCORES.map((score) =>
      h("button", { type: "button", "aria-label": fill(words.score, { score }), onclick: () => rate(score) }, String(score)),
    );
    const ends = h("div", { class: "ends", "aria-hidden": "true" }, h("span", {}, words.worst), h("span", {}, words.best));
    this.element = h("fieldset", { class: "rating", hidden: true }, h("legend", {}, words.rate), h("div", {}, this.buttons), ends);
  }

  update({ rating }) {
    this.element.hidden = !rating || Boolean(rating.isDone);
    for (const [i, button] of this.buttons.entries()) {
      button.disabled = Boolean(rating?.score);
      button.classList.toggle("chosen", rating?.score === SCORES[i]);
    }
  }
}
