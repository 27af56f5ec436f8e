import assert from "node:assert/strict";
import test from "node:test";
import { newId } from "../src/id.js";

test("an id is one that the channel takes, and another each time", () => {
  const ids = Array.from({ length: 1000 }, newId);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(new Set(ids).size, ids.length);
});
