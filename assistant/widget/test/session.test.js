import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Session } from "../src/session.js";
import { Storage } from "../src/storage.js";
import { area } from "./area.js";

const FAR = Date.now() / 1000 + 90 * 24 * 3600;
const tokenOf = (sub) => `h.${btoa(JSON.stringify({ sub, exp: FAR }))}.s`;

let waiting; // requests in the order in which they were made
let session;
let others; // each other shopper that the session told of

/** A server that answers when the test says so. */
beforeEach(() => {
  waiting = [];
  globalThis.fetch = (_, { body }) =>
    new Promise((resolve, reject) => {
      const answer = (sub) => resolve({ ok: true, json: async () => ({ token: tokenOf(sub) }) });
      const refuse = (code) => resolve({ ok: false, headers: new Headers(), json: async () => ({ code, words: "w" }) });
      waiting.push({ asked: JSON.parse(body), answer, refuse, fail: () => reject(new TypeError("down")) });
    });
  session = new Session("https://chat.example/webhooks/web/", new Storage(area()), "en");
  others = [];
  session.changed = () => others.push(session.shopper);
});

afterEach(() => delete globalThis.fetch);

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("a customer is not overtaken by the stranger that the page began with", async () => {
  const stranger = session.valid();
  await settled();
  const customer = session.identify("signed by the shop");
  await settled();
  // However the server orders its answers, the customer's comes last.
  for (let i = 0; i < 2; i++) {
    const next = waiting.findLast(({ done }) => !done);
    next.done = true;
    next.answer(next.asked.identity ? "shop-1" : "web-1");
    await settled();
  }
  await Promise.all([stranger, customer]);
  assert.equal(session.shopper, "shop-1");
});

test("a failed request does not keep the next one from being made", async () => {
  const first = session.valid();
  const second = session.identify("signed by the shop");
  await settled();
  waiting[0].fail();
  await assert.rejects(first, { code: "unreachable" });
  await settled();
  waiting[1].answer("shop-1");
  await second;
  assert.equal(session.shopper, "shop-1");
});

test("who signs out is forgotten at once, whether or not the server can be reached", async () => {
  const before = session.identify("signed by the shop");
  await settled();
  waiting[0].answer("shop-1");
  await before;
  session.forget();
  assert.equal(session.shopper, "");
  assert.equal(session.token, null);
});

test("an answer that was under way at the sign-out signs nobody in", async () => {
  const late = session.identify("signed by the shop");
  await settled();
  session.forget();
  waiting[0].answer("shop-1");
  await assert.rejects(late);
  assert.equal(session.shopper, "");
});

/** A session of a stranger whom the shop named while the server could not be reached. */
async function named(fail = (request) => request.fail()) {
  const stranger = session.valid();
  await settled();
  waiting[0].answer("web-1");
  await stranger;
  const customer = session.identify("signed by the shop");
  await settled();
  fail(waiting[1]);
  await assert.rejects(customer);
}

for (const [trouble, fail] of Object.entries({
  "nobody answers": (request) => request.fail(),
  "too many ask": (request) => request.refuse("too_many"),
  "no words come": (request) => request.refuse(),
})) {
  test(`the customer whom the shop named is asked for again before the next connection: ${trouble}`, async () => {
    await named(fail);
    assert.equal(session.shopper, "web-1");
    const next = session.valid();
    await settled();
    assert.equal(waiting[2]?.asked.identity, "signed by the shop");
    waiting[2].answer("shop-1");
    await next;
    assert.deepEqual(others, ["shop-1"]);
    await session.valid();
    assert.equal(waiting.length, 3, "the server has answered: nothing is asked again");
  });
}

test("as long as the server cannot say who the shopper is, there is no going on as a stranger", async () => {
  await named();
  const next = session.valid();
  await settled();
  waiting[2].fail();
  await assert.rejects(next, { code: "unreachable" });
});

for (const code of ["no_identity", "bad_token"]) {
  test(`whom the server does not take for a customer (${code}) goes on as the stranger they were`, async () => {
    await named((request) => request.refuse(code));
    await session.valid();
    assert.equal(waiting.length, 2);
    assert.deepEqual([session.shopper, others], ["web-1", []]);
  });
}

test("a connection waits for the customer that is asked for, and asks only once", async () => {
  const customer = session.identify("signed by the shop");
  const next = session.valid();
  await settled();
  waiting[0].answer("shop-1");
  await Promise.all([customer, next]);
  assert.equal(waiting.length, 1);
});

test("of two customers the shop named the last, whatever became of the first", async () => {
  const first = session.identify("first");
  await settled();
  const second = session.identify("second");
  await settled();
  waiting[0].answer("shop-1");
  await first;
  await settled();
  waiting[1].fail();
  await assert.rejects(second);
  const next = session.valid();
  await settled();
  assert.equal(waiting[2].asked.identity, "second");
  waiting[2].answer("shop-2");
  await next;
  assert.equal(session.shopper, "shop-2");
});

test("who signs out is not signed in by a try that is still to come", async () => {
  await named();
  session.forget();
  const next = session.valid();
  await settled();
  assert.deepEqual(waiting[2].asked, { token: null });
  waiting[2].answer("web-2");
  await next;
  assert.equal(session.shopper, "web-2");
});

test("another shopper is told of, whoever signed them in; a new token of the same one is not", async () => {
  const first = session.identify("signed by the shop");
  await settled();
  waiting[0].answer("shop-1");
  await first;
  const renewed = session.valid(true);
  await settled();
  waiting[1].answer("shop-1");
  await renewed;
  assert.deepEqual(others, ["shop-1"]);
  session.storage.setItem(session.key, tokenOf("shop-2")); // by another tab
  session.look();
  session.look();
  assert.deepEqual(others, ["shop-1", "shop-2"]);
});

test("a customer whose token has ended is a stranger, which is told too", async () => {
  const first = session.identify("signed by the shop");
  await settled();
  waiting[0].answer("shop-1");
  await first;
  const renewed = session.valid(true);
  await settled();
  waiting[1].refuse("expired_token");
  await settled();
  waiting[2].answer("web-2");
  await renewed;
  assert.deepEqual(others, ["shop-1", "web-2"]);
});
