import assert from "node:assert/strict";
import test from "node:test";
import { Reading } from "../src/reading.js";
import { Storage } from "../src/storage.js";
import { area } from "./area.js";

const bot = (at) => ({ role: "bot", at });
const own = (at) => ({ role: "shopper", at });

test("who never opened the chat has read nothing, who opened an empty one has opened it", () => {
  const reading = new Reading(new Storage(area()), "shop.example");
  assert.deepEqual([reading.everOpened, reading.at], [false, 0]);
  reading.readTo([]);
  assert.deepEqual([reading.everOpened, reading.at], [true, 0]);
});

test("what was read stays read, in every tab, and one's own words count for nothing", () => {
  const storage = new Storage(area());
  const [tab, other] = [0, 1].map(() => new Reading(storage, "shop.example"));
  tab.readTo([bot(5), own(9)]);
  other.readTo([bot(3)]);
  assert.deepEqual([tab.at, other.at], [5, 5]);
  assert.equal(new Reading(storage, "another.example").at, 0);
});
