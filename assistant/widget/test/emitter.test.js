import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { emitter } from "../src/emitter.js";

test("each listener hears its own event, until it is taken off", () => {
  const { on, off, emit } = emitter();
  const heard = [];
  const first = (detail) => heard.push(`first ${detail}`);
  on("unread", first);
  on("unread", (detail) => heard.push(`second ${detail}`));
  on("open", () => heard.push("open"));
  emit("unread", 1);
  off("unread", first);
  emit("unread", 2);
  off("unread");
  emit("unread", 3);
  assert.deepEqual(heard, ["first 1", "second 1", "second 2"]);
});

test("an error of the page's listener keeps nobody else from hearing", () => {
  const told = mock.method(console, "error", () => {});
  const { on, emit } = emitter();
  const heard = [];
  on("message", () => assert.fail("of the page"));
  on("message", (text) => heard.push(text));
  emit("message", "hello");
  assert.deepEqual([heard, told.mock.callCount()], [["hello"], 1]);
});

test("a listener may take itself off while it hears", () => {
  const { on, off, emit } = emitter();
  let count = 0;
  const once = () => (off("open", once), count++);
  on("open", once);
  emit("open");
  emit("open");
  assert.equal(count, 1);
});
