import assert from "node:assert/strict";
import test from "node:test";
import { decodePayload, encodePayload } from "../src/line/packets.js";
import { Decoder, Encoder, PacketType } from "../src/line/parser.js";

const decoded = (text) => {
  const decoder = new Decoder();
  const packets = [];
  decoder.on("decoded", (packet) => packets.push(packet));
  decoder.add(text);
  return packets[0];
};

test("packets of engine.io go and come, one request for all", () => {
  let payload;
  encodePayload([{ type: "pong" }, { type: "message", data: '2["a"]' }], (text) => (payload = text));
  assert.equal(payload, '3\x1e42["a"]');
  assert.deepEqual(decodePayload('2\x1e42["a"]\x1e9'), [
    { type: "ping", data: "" },
    { type: "message", data: '2["a"]' },
    { type: "error", data: "" },
  ]);
});

test("packets of socket.io are written as the protocol says", () => {
  const { encode } = new Encoder();
  assert.deepEqual(encode({ type: PacketType.CONNECT, data: { token: "t" } }), ['0{"token":"t"}']);
  assert.deepEqual(encode({ type: PacketType.EVENT, id: 0, data: ["message", { id: "a" }] }), ['20["message",{"id":"a"}]']);
  assert.deepEqual(encode({ type: PacketType.DISCONNECT }), ["1"]);
});

test("and read", () => {
  assert.deepEqual(decoded('0{"sid":"s"}'), { type: 0, nsp: "/", id: undefined, data: { sid: "s" } });
  assert.deepEqual(decoded('2["state",{"typing":true}]').data, ["state", { typing: true }]);
  assert.deepEqual(decoded('312[{"ok":true}]'), { type: 3, nsp: "/", id: 12, data: [{ ok: true }] });
  assert.deepEqual(decoded('4{"message":"bad_token"}').data, { message: "bad_token" });
  assert.equal(decoded("1").type, PacketType.DISCONNECT);
});

for (const text of ["", "9", "x", "2", "2{}", '2[7]', '2["connect_error"]', '2["disconnect"]', "2[", "0", "0[", "1{}", "3{}", "4", "51-[]", '0/admin,{"sid":"s"}']) {
  test(`${JSON.stringify(text)} is no packet, and says so`, () => assert.throws(() => decoded(text)));
}
