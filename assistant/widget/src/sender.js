/** Gets messages to the server: one after the other, each until it is acknowledged. */
import { BAD_TOKEN } from "./session.js";

const RETRY_S = 5;
const LOST_S = 300;

export class Sender {
  /**
   * `hears.sent(entry)` and `hears.refused(entry)` follow each message's end; `hears.slowed(bool)`
   * and `hears.silent()` say that the server wants a pause, or does not answer at all.
   */
  constructor(outbox, connection, session, hears) {
    Object.assign(this, { outbox, connection, session, hears, taken: new Map() });
  }

  /** Keep a message and send it as soon as that can be. */
  send(entry) {
    this.outbox.put({ ...entry, owner: this.session.shopper });
    this.flush();
  }

  /** Send what waits. Nothing goes out before the server confirmed the session: the answer would get lost. */
  async flush() {
    if (this.busy || this.held || !this.connection.confirmed) return;
    const entry = this.outbox.mine(this.session.shopper).find(({ failed }) => !failed);
    if (!entry) return;
    this.busy = true;
    const { id, text, attachment } = entry;
    const answer = await this.connection.ask("message", { id, text, attachment: attachment?.id ?? null });
    this.busy = false;
    this.conclude(entry, answer);
    this.flush();
  }

  conclude(entry, answer) {
    if (!answer) return this.unanswered();
    // What the server took out of a text is kept here neither.
    if (answer.ok) return this.took({ ...entry, text: answer.text ?? entry.text });
    if (answer.code === "too_many") return this.hold(answer.retry_after_s || RETRY_S);
    if (BAD_TOKEN.includes(answer.code)) return void this.connection.renew();
    const failed = { ...entry, failed: answer.words || answer.code };
    this.outbox.put(failed);
    this.hears.refused(failed, answer);
  }

  took(entry) {
    this.outbox.remove(entry.id);
    this.taken.set(entry.id, entry);
    this.hears.sent(entry);
  }

  /** A line that looks open and is dead: open another. */
  unanswered() {
    if (!this.connection.confirmed) return;
    this.hears.silent();
    this.connection.restart();
  }

  hold(seconds) {
    this.held = true;
    this.hears.slowed(true);
    setTimeout(() => {
      this.held = false;
      this.hears.slowed(false);
      this.flush();
    }, seconds * 1000);
  }

  /** The server has what was said so far (an answer came), or another shopper goes on here. */
  forget() {
    this.taken.clear();
  }

  /**
   * The server's history after a reconnect: what it has need not be sent, and what it took and then
   * lost, because it was killed before it wrote it down, is sent again.
   */
  reconcile(history) {
    const told = new Set(history.map(({ id }) => id));
    for (const id of told) this.outbox.remove(id);
    for (const entry of this.taken.values()) {
      if (!told.has(entry.id) && entry.at > Date.now() / 1000 - LOST_S) this.outbox.put(entry);
    }
    this.taken.clear();
    this.flush();
  }
}
