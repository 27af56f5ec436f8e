import assert from "node:assert/strict";
import test from "node:test";
import { configOf } from "../src/config.js";

const src = "https://chat.shop.example/webhooks/web/widget.js?v=3";
const of = (dataset, page) => configOf({ src, dataset }, page);

test("a bare tag: where the file came from, in the page's language", () => {
  assert.deepEqual(of({}, "zh-CN"), {
    url: "https://chat.shop.example/webhooks/web/",
    language: "zh-CN",
    stringsUrl: undefined,
    own: {},
    position: "",
    theme: "",
  });
});

test("attributes win", () => {
  const set = { server: "https://other.example:8443", language: "he", strings: "/he.json", title: "Ask", position: "left", theme: "dark" };
  assert.deepEqual(of(set, "en"), {
    url: "https://other.example:8443/webhooks/web/",
    language: "he",
    stringsUrl: "/he.json",
    own: { title: "Ask" },
    position: "left",
    theme: "dark",
  });
});

for (const [language, page, found] of [["", "", "en"], ["e", "fr", "en"], ['en" onload="x', "fr", "en"], [undefined, "pt-BR", "pt-BR"]]) {
  test(`language ${language} on a page in ${page} is ${found}`, () => assert.equal(of({ language }, page).language, found));
}

test("a side or a theme that there is not is none", () => {
  const { position, theme } = of({ position: "top", theme: "sepia" }, "en");
  assert.deepEqual([position, theme], ["", ""]);
});
