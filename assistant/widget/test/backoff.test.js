import assert from "node:assert/strict";
import test from "node:test";
import { delayMs } from "../src/backoff.js";

const PAUSES = [[0, 250, 750], [1, 500, 1500], [3, 2000, 6000], [20, 10_000, 30_000], [2000, 10_000, 30_000]];
for (const [tries, least, most] of PAUSES) {
  test(`after ${tries} tries the pause is ${least} to ${most} ms`, () => {
    assert.equal(delayMs(tries, () => 0), least);
    assert.equal(delayMs(tries, () => 1), most);
  });
}

test("no two shoppers come back at the same time", () => {
  assert.ok(new Set(Array.from({ length: 50 }, () => delayMs(3))).size > 40);
});
