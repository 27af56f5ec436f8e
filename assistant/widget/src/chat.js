/** The conversation without its looks: what was said, who talks, what is waited for. */
import { Connection } from "./connection.js";
import { refusal, upload } from "./files.js";
import { newId } from "./id.js";
import { Reading } from "./reading.js";
import { Sender } from "./sender.js";
import { BAD_TOKEN } from "./session.js";
import { unreadSince, withHistory, withMessage } from "./thread.js";

const PATIENCE_MS = 15_000; // the server's own apology comes after 12 s
const FORGOTTEN_S = 600; // nobody waits for an answer to what is older
const BOT = { who: "bot", name: null };
const DEFAULT_LIMITS = { max_chars: 4000, max_file_bytes: 5 * 1024 * 1024 };
const FRESH = { thread: [], talking: BOT, rating: null, typing: false, stillLooking: false, noAnswer: false };

export class Chat {
  /**
   * `notice` is a sentence for the shopper about what they just did: [key, facts], or words of the
   * server. `changed()` is called after every change; `emit` tells the shop's page.
   */
  constructor({ url, session, storage, outbox, emit }) {
    Object.assign(this, FRESH, { url, session, outbox, emit, limits: DEFAULT_LIMITS, file: null, notice: null });
    this.changed = () => {};
    session.changed = () => this.becameAnother();
    this.unread = 0;
    this.reading = new Reading(storage, new URL(url).host);
    this.connection = new Connection(url, session, {
      confirmed: (hello) => this.confirmed(hello),
      lost: () => this.lost(),
      refused: (refused) => this.refused(refused),
      message: (message) => this.heard(message),
      state: (state) => this.told({ typing: state.typing, stillLooking: state.still_looking }),
      talking: (talking) => this.told({ talking }),
      rating: ({ id }) => this.asked(id),
    });
    this.sender = new Sender(outbox, this.connection, session, {
      sent: (entry) => this.sent(entry),
      refused: (entry, answer) => this.notSent(entry, answer),
      slowed: (slowed) => this.set({ slowed }),
      silent: () => this.set({ unreachable: true }),
    });
    this.thread = outbox.mine(session.shopper).map(shown);
  }

  /** Shoppers who never opened the chat cost the server nothing. */
  resume() {
    if (this.reading.everOpened || this.outbox.all().length) this.connect();
  }

  connect() {
    if (!this.connection.confirmed) this.doubt();
    this.connection.open();
  }

  /** Whether something is still to be sent. */
  get waits() {
    return this.outbox.mine(this.session.shopper).some(({ failed }) => !failed);
  }

  set(change) {
    Object.assign(this, change);
    this.countUnread();
    this.changed();
  }

  open() {
    this.isOpen = true;
    this.connect();
    this.set({});
    this.emit("open");
  }

  close() {
    this.isOpen = false;
    this.set({});
    this.emit("close");
  }

  /** Say something; it is kept until the server has it. */
  say(text, attachment = null) {
    const entry = { id: newId(), text, attachment, at: Date.now() / 1000 };
    if (this.rating?.isDone) this.rating = null;
    this.sender.send(entry);
    this.set({ thread: withMessage(this.thread, shown(entry)), notice: null, noAnswer: false });
    this.connect();
    this.emit("message", { ...entry, role: "shopper" });
  }

  /** Send once more what was refused. */
  sayAgain({ id, text, attachment, at }) {
    const entry = { id, text, attachment, at };
    this.sender.send(entry);
    this.set({ thread: withMessage(this.thread, shown(entry)), notice: null });
  }

  /** Take back what was refused. */
  drop({ id }) {
    this.outbox.remove(id);
    this.set({ thread: this.thread.filter((message) => message.id !== id), notice: null });
  }

  /** Upload a file now, so that it goes along with the next message. */
  async attach(file) {
    const refused = refusal(file, this.limits.max_file_bytes);
    if (refused) return this.set({ notice: refused });
    const chosen = { name: file.name, progress: 0, attachment: null };
    this.set({ file: chosen, notice: null });
    const progress = (part) => this.set(this.file === chosen ? { file: Object.assign(chosen, { progress: part }) } : {});
    try {
      chosen.attachment = await this.uploaded(file, progress);
      this.set({});
    } catch ({ code, words }) {
      this.set({ file: null, notice: words || ["file_failed", {}] });
      this.emit("error", { code, words });
    }
  }

  async uploaded(file, progress) {
    await this.session.valid();
    try {
      return await upload(this.url, file, this.session, progress);
    } catch (error) {
      if (!BAD_TOKEN.includes(error.code)) throw error;
      await this.connection.renew();
      return upload(this.url, file, this.session, progress);
    }
  }

  async rate(score) {
    const { id } = this.rating;
    this.set({ rating: { id, score } });
    const answer = await this.connection.ask("rating", { id, score });
    if (!answer?.ok) return this.set({ rating: { id }, notice: answer?.words || ["not_rated", {}] });
    this.set({ rating: { id, score, isDone: true }, notice: null });
    this.emit("rating", { id, score });
  }

  /** Go on as the customer whom the shop's token names; with null, as a stranger. */
  async identify(identity) {
    try {
      if (identity) await this.session.identify(identity);
      else this.session.forget();
    } catch ({ code, words }) {
      this.emit("error", { code, words });
      if (this.session.identity) this.reconnect();
    }
  }

  /** Another shopper's conversation is not shown to this one, in no tab. */
  becameAnother() {
    this.sender.forget();
    this.set({ ...FRESH, thread: this.outbox.mine(this.session.shopper).map(shown), file: null, notice: null });
    this.reconnect();
  }

  /** Connect anew, if at all; the session then finds out who the shopper is. */
  reconnect() {
    if (this.connection.wanted) this.connection.restart();
  }

  confirmed({ messages, talking, limits, rating }) {
    this.doubting = clearTimeout(this.doubting);
    this.sender.reconcile(messages);
    this.unreachable &&= this.waits;
    const thread = withHistory(this.thread, messages, (id) => this.outbox.has(id));
    this.set({ thread, talking, limits: { ...this.limits, ...limits }, isUp: true, refusedWords: "" });
    this.asked(rating);
    this.awaitAnswer();
  }

  lost() {
    clearTimeout(this.waiting);
    this.doubt();
    this.set({ isUp: false, typing: false, stillLooking: false });
  }

  /** After a while of no line, the shopper is told. */
  doubt() {
    this.doubting ??= setTimeout(() => this.set({ unreachable: true }), PATIENCE_MS);
  }

  refused({ code, words }) {
    this.set({ refusedWords: words });
    this.emit("error", { code, words });
  }

  heard(message) {
    const isNew = !this.thread.some(({ id }) => id === message.id);
    this.outbox.remove(message.id);
    if (message.role !== "shopper") {
      clearTimeout(this.waiting);
      this.sender.forget();
      Object.assign(this, { noAnswer: false, stillLooking: false });
    }
    this.set({ thread: withMessage(this.thread, message) });
    if (isNew) this.emit("message", message);
  }

  told(news) {
    this.set(news);
    this.awaitAnswer();
  }

  asked(id) {
    if (id !== (this.rating?.id ?? null) && !(id === null && this.rating?.isDone)) this.set({ rating: id && { id } });
  }

  sent({ id, text }) {
    const thread = this.thread.map((message) => (message.id === id ? { ...message, text } : message));
    this.set({ thread, unreachable: false });
    this.awaitAnswer();
  }

  notSent(entry, { code, words }) {
    this.set({ thread: withMessage(this.thread, shown(entry)), unreachable: false });
    this.emit("error", { code, words });
  }

  /** The server apologises before this is over, so nothing by then means that it lost the message. */
  awaitAnswer() {
    clearTimeout(this.waiting);
    const last = this.thread.at(-1);
    const isOurTurn = last?.role === "shopper" && this.talking.who === "bot" && !this.outbox.has(last.id);
    if (!isOurTurn || last.at < Date.now() / 1000 - FORGOTTEN_S) return;
    this.waiting = setTimeout(() => this.set({ noAnswer: true, typing: false, stillLooking: false }), PATIENCE_MS);
  }

  countUnread() {
    if (this.isOpen && !document.hidden) this.reading.readTo(this.thread);
    const unread = unreadSince(this.thread, this.reading.at);
    if (unread === this.unread) return;
    this.unread = unread;
    this.emit("unread", unread);
  }
}

function shown({ id, text, attachment, at, failed }) {
  return { id, role: "shopper", text, name: null, buttons: [], attachment, at, failed };
}
