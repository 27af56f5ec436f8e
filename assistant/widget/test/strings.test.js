import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { build } from "esbuild";

/** The module with its JSON in it, as the widget has it. */
async function strings() {
  const { outputFiles } = await build({ entryPoints: ["src/strings.js"], bundle: true, write: false, format: "esm" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
const { fill, localeOf, stringsOf, fetchStrings } = await strings();
const json = async (name) => JSON.parse(await readFile(new URL(`../src/strings/${name}.json`, import.meta.url), "utf8"));
const [en, zh] = await Promise.all(["en", "zh"].map(json));
const facts = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();

test("Chinese says everything that English says, with the same facts", () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).filter((key) => key !== "dir").sort());
  for (const key of Object.keys(zh)) assert.equal(facts(zh[key]), facts(en[key]), key);
});

const TITLES = [["en", en.title], ["zh", zh.title], ["zh-Hant-TW", zh.title], ["ZH", zh.title], ["fr", en.title]];
for (const [language, title] of TITLES) test(`${language} is read`, () => assert.equal(stringsOf(language).title, title));

test("a shop's own words come first, English fills what is missing", () => {
  const words = stringsOf("ar", { dir: "rtl", title: "مرحبا" });
  assert.deepEqual([words.dir, words.title, words.send], ["rtl", "مرحبا", en.send]);
});

for (const own of [null, [], "text", { title: 7, send: null, again: "" }]) {
  test(`words that are none are left out: ${JSON.stringify(own)}`, () => {
    assert.deepEqual([stringsOf("en", own).title, stringsOf("en", own).again], [en.title, en.again]);
  });
}

test("facts go in as they are, unknown ones stay visible", () => {
  assert.equal(fill("{count} of {most}, {other}", { count: "$&", most: 0 }), "$& of 0, {other}");
});

test("words that cannot be fetched cost the chat nothing", async (t) => {
  const warned = t.mock.method(console, "warn", () => {});
  assert.deepEqual(await fetchStrings("http://127.0.0.1:1/none.json"), {});
  assert.match(warned.mock.calls[0].arguments[0], /expected a JSON of words at data-strings=http:\/\/127/);
});

for (const [language, own, locale] of [
  ["en", ["de-DE", "en-GB", "en-US"], "en-GB"],
  ["en", ["en"], "en"],
  ["en-GB", ["zh-CN"], "en-GB"],
  ["EN", ["en-AU"], "en-AU"],
  ["fil", ["fi-FI"], "fil"],
  ["zh", [], "zh"],
]) {
  test(`times of a chat in ${language} for who reads ${own} are written as in ${locale}`, () => {
    assert.equal(localeOf(language, own), locale);
  });
}
