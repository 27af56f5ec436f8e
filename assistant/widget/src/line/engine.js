/**
 * What socket.io-client needs of engine.io-client: one connection, over a WebSocket or, where a proxy
 * lets none through, by requests. The transports are the library's; its upgrade from one transport to
 * the other, which a widget that begins with the better one does not need, would be a tenth of the widget.
 */
import { Emitter } from "@socket.io/component-emitter";
import { Fetch } from "engine.io-client/transports/polling-fetch.js";
import { WS } from "engine.io-client/transports/websocket.js";

export { nextTick } from "engine.io-client/globals.js";
export { installTimerFunctions } from "engine.io-client/util.js";

const EIO = 4; // version of the protocol
const TRANSPORTS = [WS, Fetch];

export class Socket extends Emitter {
  constructor(uri, opts) {
    super();
    const { protocol, hostname, port } = new URL(uri);
    const path = `${opts.path}/`;
    this._opts = { ...opts, path, hostname, port, secure: protocol === "https:", timestampParam: "t", socket: this };
    this._left = [...TRANSPORTS];
    this._waiting = [];
    this.binaryType = "arraybuffer"; // read by the transports
    this._open();
  }

  /** Send a packet of socket.io. */
  write(data) {
    this._send("message", data);
  }

  /** Whether the server was silent for too long; a sleeping computer's timers are late. */
  _hasPingExpired() {
    const hasExpired = Date.now() > this._expiresAt;
    if (hasExpired) setTimeout(() => this._close("ping timeout"));
    return hasExpired;
  }

  close() {
    this._close("forced close");
  }

  _open() {
    const Transport = this._left.shift();
    const query = { EIO, transport: Transport.prototype.name };
    this.transport = new Transport({ ...this._opts, query })
      .on("drain", () => this._flush())
      .on("packet", (packet) => this._take(packet))
      .on("error", (error) => this._failed(error))
      .on("close", () => this._close("transport close"));
    this.transport.open();
  }

  _failed(error) {
    if (this._isOpen || !this._left.length) {
      this.emitReserved("error", error);
      return this._close("transport error");
    }
    this.transport.off();
    this._open();
  }

  _take({ type, data }) {
    if (type === "open") this._greeted(JSON.parse(data));
    else if (type === "message") this.emitReserved("data", data);
    else if (type === "error") this._failed(new Error("no packet of engine.io"));
    else if (type === "ping") {
      this._send("pong");
      this._heard();
    }
  }

  _greeted({ sid, pingInterval, pingTimeout }) {
    this.transport.query.sid = sid;
    this._isOpen = true;
    this._patience = pingInterval + pingTimeout;
    this._heard();
    this.emitReserved("open");
    this._flush();
  }

  _heard() {
    clearTimeout(this._timer);
    this._expiresAt = Date.now() + this._patience;
    this._timer = setTimeout(() => this._close("ping timeout"), this._patience);
  }

  _send(type, data) {
    this._waiting.push({ type, data });
    this._flush();
  }

  _flush() {
    if (this._isOpen && this.transport.writable && this._waiting.length) this.transport.send(this._waiting.splice(0));
  }

  _close(why) {
    if (this._isClosed) return;
    this._flush();
    this._isClosed = true;
    clearTimeout(this._timer);
    this.transport.off();
    this.transport.close();
    this.emitReserved("close", why);
  }
}
