import assert from "node:assert/strict";
import test from "node:test";
import { Outbox } from "../src/outbox.js";
import { Sender } from "../src/sender.js";
import { Storage } from "../src/storage.js";
import { area } from "./area.js";

const now = () => Date.now() / 1000;
const entry = (id, at = now()) => ({ id, text: id, attachment: null, at });
const soon = () => new Promise((done) => setTimeout(done, 5));

/** A sender on a line that answers with what `answers` gives next, then with ok. */
function sending(...answers) {
  const did = [];
  const connection = {
    confirmed: true,
    ask: async (_, { id }) => (did.push(`send ${id}`), answers.length ? answers.shift() : { ok: true }),
    restart: () => did.push("restart"),
    renew: () => did.push("renew"),
  };
  const note = (what) => (about) => did.push(`${what} ${about?.id ?? about}`);
  const hears = { sent: note("sent"), refused: note("refused"), slowed: note("slowed"), silent: note("silent") };
  const outbox = new Outbox(new Storage(area()), "s");
  return { did, connection, outbox, sender: new Sender(outbox, connection, { shopper: "web-1" }, hears) };
}

test("messages go out one after the other and are kept until they are acknowledged", async () => {
  const { did, outbox, sender } = sending();
  sender.send(entry("a", 1));
  sender.send(entry("b", 2));
  assert.ok(outbox.has("a") && outbox.has("b"));
  await soon();
  assert.deepEqual(did, ["send a", "sent a", "send b", "sent b"]);
  assert.deepEqual(outbox.all(), []);
});

test("nothing goes out before the session is confirmed", async () => {
  const { did, connection, sender } = sending();
  connection.confirmed = false;
  sender.send(entry("a"));
  await soon();
  assert.deepEqual(did, []);
  connection.confirmed = true;
  sender.reconcile([]);
  await soon();
  assert.deepEqual(did, ["send a", "sent a"]);
});

test("a line that says nothing is opened anew, and the message goes out again", async () => {
  const { did, connection, outbox, sender } = sending(null);
  connection.restart = () => ((connection.confirmed = false), did.push("restart"));
  sender.send(entry("a"));
  await soon();
  assert.deepEqual(did, ["send a", "silent undefined", "restart"]);
  assert.ok(outbox.has("a"));
  connection.confirmed = true;
  sender.reconcile([]);
  await soon();
  assert.deepEqual(did.slice(3), ["send a", "sent a"]);
});

test("too many: the pause that the server asks for is kept, then it goes on by itself", async () => {
  const { did, sender } = sending({ ok: false, code: "too_many", words: "w", retry_after_s: 0.05 });
  sender.send(entry("a"));
  await soon();
  sender.flush();
  assert.deepEqual(did, ["send a", "slowed true"]);
  await new Promise((done) => setTimeout(done, 80));
  assert.deepEqual(did.slice(2), ["slowed false", "send a", "sent a"]);
});

for (const code of ["expired_token", "bad_token"]) {
  test(`${code}: the token is renewed and the message kept`, async () => {
    const { did, connection, outbox, sender } = sending({ ok: false, code, words: "w" });
    connection.renew = () => ((connection.confirmed = false), did.push("renew"));
    sender.send(entry("a"));
    await soon();
    assert.deepEqual([did, outbox.has("a")], [["send a", "renew"], true]);
  });
}

test("a refused message stays, with the server's words, and does not hold up the next", async () => {
  const { did, outbox, sender } = sending({ ok: false, code: "bad_message", words: "Not readable." });
  sender.send(entry("a", 1));
  sender.send(entry("b", 2));
  await soon();
  assert.deepEqual(did, ["send a", "refused a", "send b", "sent b"]);
  assert.equal(outbox.all()[0].failed, "Not readable.");
});

test("what the history has is not sent again", async () => {
  const { did, connection, outbox, sender } = sending();
  connection.confirmed = false;
  sender.send(entry("a"));
  connection.confirmed = true;
  sender.reconcile([{ id: "a" }]);
  await soon();
  assert.deepEqual([did, outbox.all()], [[], []]);
});

test("what the server took and lost is sent again with its id, unless it is long ago or was answered", async () => {
  for (const [at, isAnswered, isSent] of [[now(), false, true], [now() - 1000, false, false], [now(), true, false]]) {
    const { did, sender } = sending();
    sender.send(entry("a", at));
    await soon();
    if (isAnswered) sender.forget();
    sender.reconcile([]);
    await soon();
    assert.equal(did.filter((one) => one === "send a").length, isSent ? 2 : 1);
  }
});

test("what the server took out of a text is gone here too, and is not sent again", async () => {
  const { did, outbox, sender } = sending({ ok: true, text: "[card]" });
  const told = [];
  sender.hears.sent = ({ text }) => told.push(text);
  const texts = [];
  const { ask } = sender.connection;
  sender.connection.ask = (event, data) => (texts.push(data.text), ask(event, data));
  sender.send({ ...entry("a"), text: "4111" });
  await soon();
  assert.deepEqual([told, outbox.all()], [["[card]"], []]);
  sender.reconcile([]);
  await soon();
  assert.deepEqual(texts, ["4111", "[card]"]);
  assert.deepEqual(did, ["send a", "send a"]);
});
