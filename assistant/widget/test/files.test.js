import assert from "node:assert/strict";
import test from "node:test";
import { refusal, TYPES } from "../src/files.js";

const MIB = 1024 * 1024;
const file = (type, size) => ({ name: "a", type, size });

for (const type of TYPES) test(`${type} is taken`, () => assert.equal(refusal(file(type, 5 * MIB), 5 * MIB), null));

const REFUSED = [
  [file("image/svg+xml", 10), ["file_type", {}]],
  [file("text/html", 10), ["file_type", {}]],
  [file("", 10), ["file_type", {}]],
  [file("image/png", 5 * MIB + 1), ["file_size", { megabytes: 5 }]],
  [file("image/png", 0), ["file_empty", {}]],
];
for (const [given, words] of REFUSED) {
  test(`${given.type || "no type"} of ${given.size} bytes is refused`, () => assert.deepEqual(refusal(given, 5 * MIB), words));
}
