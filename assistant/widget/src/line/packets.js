/** Packets of engine.io as text: what engine.io-parser does, without binary ones. */
const TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
const SEPARATOR = "\x1e";

export const protocol = 4;
export const encodePacket = ({ type, data = "" }, _, give) => give(`${TYPES.indexOf(type)}${data}`);
export const encodePayload = (packets, give) => give(packets.map((packet) => `${TYPES.indexOf(packet.type)}${packet.data ?? ""}`).join(SEPARATOR));
export const decodePacket = (text) => ({ type: TYPES[text[0]] ?? "error", data: TYPES[text[0]] ? text.slice(1) : "parser error" });
export const decodePayload = (payload) => payload.split(SEPARATOR).map(decodePacket);
export const createPacketEncoderStream = null;
export const createPacketDecoderStream = null;
