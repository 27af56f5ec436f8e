import assert from "node:assert/strict";
import test from "node:test";
import { build } from "esbuild";

/** The module with the JSON of its words in it, as the widget has it. */
async function status() {
  const { outputFiles } = await build({ entryPoints: ["src/status.js"], bundle: true, write: false, format: "esm" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
const { statusOf } = await status();

/** Words of which one can tell the key. */
const KEYS = ["connecting", "typing", "still_looking", "no_answer", "slow_down", "unreachable_idle", "unreachable", "rated", "offline"];
const words = { ...Object.fromEntries(KEYS.map((key) => [key, `<${key}>`])), too_long: "more than {count}" };
const up = { isUp: true };

for (const [what, chat, text] of [
  ["nothing to say", up, ""],
  ["not up yet", {}, "<connecting>"],
  ["an answer is being written", { ...up, typing: true }, "<typing>"],
  ["it takes longer", { ...up, typing: true, stillLooking: true }, "<still_looking>"],
  ["nothing came back", { ...up, stillLooking: true, noAnswer: true }, "<no_answer>"],
  ["a pause", { ...up, noAnswer: true, slowed: true }, "<slow_down>"],
  ["no line, and nothing waits", { unreachable: true }, "<unreachable_idle>"],
  ["no line, and something waits", { unreachable: true, waits: true }, "<unreachable>"],
  ["the server's own words", { unreachable: true, refusedWords: "Not on this page." }, "Not on this page."],
  ["what the shopper just did", { ...up, slowed: true, notice: ["too_long", { count: 7 }] }, "more than 7"],
  ["rated", { ...up, rating: { isDone: true } }, "<rated>"],
]) {
  test(`the line of state: ${what}`, () => assert.equal(statusOf(chat, words, true).text, text));
}

test("offline is said only while there is no line", () => {
  assert.equal(statusOf({ unreachable: true }, words, false).text, "<offline>");
  assert.equal(statusOf({ ...up, typing: true }, words, false).text, "<typing>");
});

test("the eye sees the dots: only a screen reader needs the words", () => {
  assert.equal(statusOf({ ...up, typing: true }, words, true).isQuiet, true);
  assert.equal(statusOf({ ...up, stillLooking: true, typing: true }, words, true).isQuiet, false);
});
