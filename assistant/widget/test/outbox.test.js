import assert from "node:assert/strict";
import test from "node:test";
import { Outbox } from "../src/outbox.js";
import { area } from "./area.js";
import { Storage } from "../src/storage.js";

const entry = (id, at = 1, more = {}) => ({ id, text: `text of ${id}`, attachment: null, at, owner: "", ...more });
const ids = (entries) => entries.map(({ id }) => id).join(" ");
const filled = (...entries) => {
  const storage = new Storage(area());
  const outbox = new Outbox(storage, "shop.example");
  entries.forEach((each) => outbox.put(each));
  return { storage, outbox };
};

test("what was put in is there after a reload, oldest first", () => {
  const { storage } = filled(entry("b", 2), entry("a", 1), entry("c", 3));
  assert.equal(ids(new Outbox(storage, "shop.example").all()), "a b c");
});

test("what was acknowledged is gone, and only that", () => {
  const { outbox } = filled(entry("a"), entry("b"));
  outbox.remove("a");
  assert.equal(ids(outbox.all()), "b");
  assert.ok(outbox.has("b") && !outbox.has("a"));
});

test("two tabs that write at the same time lose nothing of each other's", () => {
  const storage = new Storage(area());
  const [one, other] = [new Outbox(storage, "s"), new Outbox(storage, "s")];
  one.put(entry("a", 1));
  other.put(entry("b", 2));
  one.remove("a");
  assert.equal(ids(one.all()), "b");
});

test("two servers' messages are kept apart", () => {
  const { storage } = filled(entry("a"));
  assert.equal(ids(new Outbox(storage, "other.example").all()), "");
});

const OWNERS = [
  ["", "web-1", true, "written before there was a session"],
  ["web-1", "web-2", true, "a stranger's follow them into the next session"],
  ["web-1", "shop-1", true, "and into the one that they sign in to"],
  ["shop-1", "shop-1", true, "a customer's are theirs"],
  ["shop-1", "shop-2", false, "and no other customer's"],
  ["shop-1", "web-1", false, "and no stranger's"],
];
for (const [owner, shopper, isSent, that] of OWNERS) {
  test(`in whose name a message goes out: ${that}`, () => {
    const { outbox } = filled(entry("a", 1, { owner }));
    assert.equal(outbox.mine(shopper).length, isSent ? 1 : 0);
  });
}

for (const broken of ["", "{", "null", "7", '{"id":1,"text":"x"}', '{"id":"a"}']) {
  test(`a broken entry ${JSON.stringify(broken)} stops nothing`, () => {
    const { storage, outbox } = filled(entry("a"));
    storage.setItem("amends.out:shop.example:zzz", broken);
    assert.equal(ids(outbox.all()), "a");
  });
}
