/** Where the shopper writes, and chooses a file. */
import { TYPES } from "../files.js";
import { fill } from "../strings.js";
import { h, icon, setText } from "./dom.js";
import { CLIP, CLOSE, SEND } from "./icons.js";

// As the server: signs of commands in front are not for shoppers.
const COMMAND_SIGNS = /^[\s/]+/;

export class ComposerView {
  /** `does` has say(text, attachment), attach(file), detach(), typed() and refuse(notice). */
  constructor(words, does) {
    Object.assign(this, { words, does, maxChars: Infinity, file: null });
    this.input = h("textarea", {
      rows: "1",
      dir: "auto",
      "aria-label": words.input,
      placeholder: words.placeholder,
      oninput: () => this.typed(),
      onkeydown: (event) => this.pressed(event),
    });
    this.picker = h("input", { type: "file", accept: TYPES.join(), hidden: true, tabindex: "-1", onchange: () => this.picked() });
    this.attach = this.button("round", words.attach, CLIP, () => this.picker.click());
    this.send = h("button", { class: "round send", "aria-label": words.send }, icon(SEND));
    this.chip = this.makeChip();
    const row = h("div", { class: "row" }, this.attach, this.input, this.send, this.picker);
    this.element = h("form", { onsubmit: (event) => this.submit(event) }, this.chip, row);
  }

  button(look, label, path, onclick) {
    return h("button", { type: "button", class: look, "aria-label": label, title: label, onclick }, icon(path));
  }

  makeChip() {
    this.chipName = h("span");
    this.progress = h("progress", { max: "1", value: "0" });
    this.detach = this.button("round small", "", CLOSE, () => {
      this.does.detach();
      this.input.focus();
    });
    return h("div", { class: "chip", hidden: true }, icon(CLIP), this.chipName, this.progress, this.detach);
  }

  update({ file, limits }) {
    Object.assign(this, { file, maxChars: limits.max_chars });
    this.chip.hidden = !file;
    this.attach.disabled = Boolean(file);
    if (file) this.showFile(file);
    this.typed(false);
  }

  showFile({ name, progress, attachment }) {
    setText(this.chipName, name);
    const label = fill(this.words.remove, { name });
    this.detach.setAttribute("aria-label", label);
    this.detach.title = label;
    this.progress.hidden = Boolean(attachment);
    this.progress.value = progress;
    this.progress.setAttribute("aria-label", fill(this.words.uploading, { name }));
  }

  get text() {
    return this.input.value.replace(COMMAND_SIGNS, "").trimEnd();
  }

  typed(tell = true) {
    const { style } = this.input;
    style.height = "auto";
    style.height = `${this.input.scrollHeight}px`;
    const isUploading = this.file && !this.file.attachment;
    this.send.disabled = isUploading || !(this.text || this.file);
    if (tell) this.does.typed();
  }

  /** Enter that ends a Chinese word sends nothing. */
  pressed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) this.submit(event);
  }

  submit(event) {
    event.preventDefault();
    if (this.send.disabled) return;
    const { text, file } = this;
    if ([...text].length > this.maxChars) return this.does.refuse(["too_long", { count: this.maxChars }]);
    this.input.value = "";
    this.does.say(text, file?.attachment ?? null);
    this.input.focus();
  }

  /** Put a text back to be changed. */
  edit(text) {
    this.input.value = text;
    this.typed();
    this.input.focus();
  }

  picked() {
    const [file] = this.picker.files;
    this.picker.value = "";
    if (file) this.does.attach(file);
    this.input.focus();
  }
}
