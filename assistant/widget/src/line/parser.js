/**
 * Packets of socket.io as text: what socket.io-parser does, without binary packets and namespaces.
 *
 * The channel sends neither, and they would be a tenth of the widget. A packet is its type, an id
 * where it is acknowledged, and JSON: `2["message",{…}]`, `31[{"ok":true}]`.
 */
import { Emitter } from "@socket.io/component-emitter";

export const protocol = 5;
export const PacketType = { CONNECT: 0, DISCONNECT: 1, EVENT: 2, ACK: 3, CONNECT_ERROR: 4 };
const PACKET = /^([0-4])(\d*)(.*)$/s;
const { isArray } = Array;
const VALID = [
  (data) => data instanceof Object,
  (data) => data === undefined,
  (data) => isArray(data) && typeof data[0] === "string" && !/^(dis)?connect(_error|ing)?$/.test(data[0]),
  isArray,
  (data) => data instanceof Object || typeof data === "string",
];

export class Encoder {
  encode({ type, id, data }) {
    return [`${type}${id ?? ""}${data === undefined ? "" : JSON.stringify(data)}`];
  }
}

export class Decoder extends Emitter {
  /** Read one packet; throws for what is none: the connection is then closed and opened anew. */
  add(text) {
    const [, type, id, json] = PACKET.exec(text) ?? [];
    const data = json ? JSON.parse(json) : undefined;
    if (!VALID[type]?.(data)) throw new Error("no packet of socket.io");
    this.emitReserved("decoded", { type: Number(type), nsp: "/", id: id ? Number(id) : undefined, data });
  }

  destroy() {}
}
