import assert from "node:assert/strict";
import test from "node:test";
import { openButtons, unreadSince, withHistory, withMessage } from "../src/thread.js";

const said = (id, role = "bot", more = {}) => ({ id, role, text: id, at: 0, buttons: [], ...more });
const thread = (...ids) => ids.map((id) => said(id));
const ids = (messages) => messages.map(({ id }) => id).join(" ");

const MERGED = [
  { has: "", told: "a b", waits: "", gives: "a b", that: "an empty screen shows the history" },
  { has: "a b", told: "a b", waits: "", gives: "a b", that: "nothing is doubled" },
  { has: "a b", told: "b c", waits: "", gives: "a b c", that: "what is older than the history stays in front" },
  { has: "b a", told: "a b", waits: "", gives: "a b", that: "the server's order counts" },
  { has: "a x b", told: "a b", waits: "", gives: "a x b", that: "what only this tab knows stays where it was" },
  { has: "a x", told: "a b c", waits: "x", gives: "a b c x", that: "what waits comes last" },
  { has: "a x", told: "a x b", waits: "x", gives: "a x b", that: "what the server has waits no longer" },
  { has: "a b x y", told: "", waits: "x y", gives: "a b x y", that: "a server without history takes nothing away" },
];

for (const { has, told, waits, gives, that } of MERGED) {
  test(that, () => {
    const list = (text) => thread(...text.split(" ").filter(Boolean));
    const merged = withHistory(list(has), list(told), (id) => waits.split(" ").includes(id));
    assert.equal(ids(merged), gives);
  });
}

test("a message that is there is renewed in its place, not said again", () => {
  const renewed = withMessage(thread("a", "b", "c"), said("b", "bot", { text: "new" }));
  assert.equal(ids(renewed), "a b c");
  assert.equal(renewed[1].text, "new");
});

test("the history's form of a message replaces this tab's", () => {
  const [merged] = withHistory([said("a", "shopper", { text: "/hi" })], [said("a", "shopper", { text: "hi" })], () => false);
  assert.equal(merged.text, "hi");
});

test("a merge leaves its givens as they were", () => {
  const [before, history] = [thread("a", "x"), thread("a", "b")];
  withHistory(before, history, () => false);
  assert.equal(ids(before) + ids(history), "a xa b");
});

test("the shopper's own words are never unread", () => {
  const messages = [said("a", "bot", { at: 1 }), said("b", "shopper", { at: 3 }), said("c", "agent", { at: 2 }), said("d", "notice", { at: 4 })];
  assert.equal(unreadSince(messages, 1), 2);
  assert.equal(unreadSince(messages, 4), 0);
});

const buttons = [{ title: "Yes", payload: "yes" }];
const OFFERED = [
  [[said("a", "bot", { buttons })], buttons, "the last message's buttons are offered"],
  [[said("a", "bot", { buttons }), said("b", "shopper")], [], "not once the shopper answered"],
  [[said("a", "bot", { buttons }), said("b", "bot")], [], "not once more was said"],
  [[said("a", "bot", { buttons }), said("b", "notice")], buttons, "a notice does not take them away"],
  [[], [], "none in an empty conversation"],
];
for (const [messages, offered, that] of OFFERED) test(that, () => assert.deepEqual(openButtons(messages), offered));
