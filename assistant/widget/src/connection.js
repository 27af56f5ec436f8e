/** The line to the server: opens it, keeps it open, says when it may be used. */
import { Manager } from "socket.io-client/manager.js";
import { delayMs } from "./backoff.js";
import { BAD_TOKEN } from "./session.js";

const ACK_MS = 15_000;
const CONFIRM_MS = 15_000;
const CLOSED_S = 5; // between two tries where the server itself closed the line
const EVENTS = ["message", "state", "talking", "rating"];

export class Connection {
  /**
   * `hears` has a function for each event of the server, and `confirmed(hello)`, `lost()`,
   * `refused(refusal)` for one that has words for the shopper.
   */
  constructor(url, session, hears) {
    Object.assign(this, { session, hears, tries: 0, wanted: false, confirmed: false });
    const { origin, pathname } = new URL(url);
    const manager = new Manager(origin, {
      path: `${pathname}socket.io`,
      // We try again ourselves: each time with a token that is still good.
      autoConnect: false,
      reconnection: false,
      timeout: 10_000,
    });
    this.socket = manager.socket("/", { auth: (give) => give({ token: session.token, language: session.language }) });
    this.listen();
  }

  listen() {
    const { socket, hears } = this;
    for (const event of EVENTS) socket.on(event, (data) => hears[event](data));
    socket.on("session_confirm", (hello) => {
      clearTimeout(this.timer);
      Object.assign(this, { tries: 0, confirmed: true });
      hears.confirmed(hello);
    });
    socket.on("disconnect", (why) => this.failed(why === "io server disconnect" ? { retryAfterS: CLOSED_S } : null));
    socket.on("connect_error", ({ data }) => this.failed(data));
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.failed());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  /** Open the line, now and whenever it is lost. */
  async open() {
    this.wanted = true;
    if (this.opening || this.socket.active) return;
    this.opening = true;
    try {
      await this.session.valid(this.stale);
      this.stale = false;
      this.later(CONFIRM_MS, () => this.failed());
      this.socket.connect();
    } catch (error) {
      this.failed(error);
    } finally {
      this.opening = false;
    }
  }

  /** Begin anew: as another shopper, or because the line is dead and does not know it. */
  restart() {
    this.wanted = false;
    this.socket.disconnect();
    return this.open();
  }

  /** The token is no longer good: get another. */
  renew() {
    this.stale = true;
    return this.restart();
  }

  /** Send an event; what the server acknowledges, or null when it does not within 15 s. */
  async ask(event, data) {
    try {
      return await this.socket.timeout(ACK_MS).emitWithAck(event, data);
    } catch {
      return null;
    }
  }

  /** There is reason to believe that it works now: don't wait for the next try. */
  hurry() {
    if (this.wanted && !this.confirmed && !this.held) this.open();
  }

  failed(refusal) {
    const wasConfirmed = this.confirmed;
    this.confirmed = false;
    if (wasConfirmed) this.hears.lost();
    if (!this.wanted) return;
    // A socket that failed to connect holds itself for active until it is told.
    this.socket.disconnect();
    if (BAD_TOKEN.includes(refusal?.code)) this.stale = true;
    else if (refusal?.words) this.hears.refused(refusal);
    this.again(refusal);
  }

  /** A server that is being restarted is not helped by all shoppers at once. */
  again(refusal) {
    const leastMs = (refusal?.retryAfterS || (refusal?.code === "too_many" ? CLOSED_S : 0)) * 1000;
    this.held = leastMs > 0;
    this.later(leastMs + delayMs(this.tries++), () => {
      this.held = false;
      this.open();
    });
  }

  later(ms, what) {
    clearTimeout(this.timer);
    this.timer = setTimeout(what, ms);
  }
}
