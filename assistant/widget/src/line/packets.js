/** Packets of engine.io as text: what engine.io-parser does, without binary ones. */
const TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
const SEPARATOR = "\x1e";

const encode = ({ type, data = "" }) => TYPES.indexOf(type) + data;

export const encodePacket = (packet, _, give) => give(encode(packet));
export const encodePayload = (packets, give) => give(packets.map(encode).join(SEPARATOR));
export const decodePacket = (text) => ({ type: TYPES[text[0]] ?? "error", data: text.slice(1) });
export const decodePayload = (payload) => payload.split(SEPARATOR).map(decodePacket);
