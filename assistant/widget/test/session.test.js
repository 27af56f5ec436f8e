import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Session } from "../src/session.js";
import { Storage } from "../src/storage.js";
import { area } from "./area.js";

const FAR = Date.now() / 1000 + 90 * 24 * 3600;
const tokenOf = (sub) => `h.${btoa(JSON.stringify({ sub, exp: FAR }))}.s`;

let waiting; // requests in the order in which they were made
let session;

/** A server that answers when the test says so. */
beforeEach(() => {
  waiting = [];
  globalThis.fetch = (_, { body }) =>
    new Promise((resolve, reject) => {
      const answer = (sub) => resolve({ ok: true, json: async () => ({ token: tokenOf(sub) }) });
      waiting.push({ asked: JSON.parse(body), answer, fail: () => reject(new TypeError("down")) });
    });
  session = new Session("https://chat.example/webhooks/web/", new Storage(area()), "en");
});

afterEach(() => delete globalThis.fetch);

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("a customer is not overtaken by the stranger that the page began with", async () => {
  const stranger = session.valid();
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
