import assert from "node:assert/strict";
import test from "node:test";
import { openStorage, Storage } from "../src/storage.js";
import { area } from "./area.js";

const AREAS = [
  ["one that takes everything", () => area()],
  ["one that is full", () => area({ isFull: true })],
  ["none at all", () => null],
];
for (const [name, make] of AREAS) {
  test(`a value is kept, renewed and removed with ${name}`, () => {
    const storage = new Storage(make());
    assert.equal(storage.getItem("key"), null);
    storage.setItem("key", "old");
    storage.setItem("key", "new");
    assert.deepEqual([storage.getItem("key"), storage.keys()], ["new", ["key"]]);
    storage.removeItem("key");
    assert.deepEqual([storage.getItem("key"), storage.keys()], [null, []]);
  });
}

test("what the browser takes outlives the page", () => {
  const kept = area();
  new Storage(kept).setItem("key", "value");
  assert.equal(new Storage(kept).getItem("key"), "value");
});

test("a browser that forbids it costs the chat nothing", (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  const forbids = { configurable: true, get: () => { throw new DOMException("no", "SecurityError"); } };
  Object.defineProperty(globalThis, "localStorage", forbids);
  t.after(() => (before ? Object.defineProperty(globalThis, "localStorage", before) : delete globalThis.localStorage));
  const storage = openStorage();
  storage.setItem("key", "value");
  assert.equal(storage.getItem("key"), "value");
});
