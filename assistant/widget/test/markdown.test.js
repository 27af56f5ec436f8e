import assert from "node:assert/strict";
import test from "node:test";
import { parse, safeLink } from "../src/markdown.js";

const p = (...children) => ({ tag: "p", children });
const em = (...children) => ({ tag: "em", children });
const strong = (...children) => ({ tag: "strong", children });
const li = (...children) => ({ tag: "li", children });
const a = (href, label) => ({ tag: "a", href, children: [label] });

const READ = {
  "plain words": [p("plain words")],
  "**bold** and *slanted* and _too_": [p(strong("bold"), " and ", em("slanted"), " and ", em("too"))],
  "**bold with *slanted* in it**": [p(strong("bold with ", em("slanted"), " in it"))],
  "`**code**`": [p({ tag: "code", children: ["**code**"] })],
  "one\ntwo\r\n\r\nthree": [p("one", { tag: "br", children: [] }, "two"), p("three")],
  "- one\n- two\n\nafter": [{ tag: "ul", children: [li("one"), li("two")] }, p("after")],
  "1. one\n2) two": [{ tag: "ol", children: [li("one"), li("two")] }],
  "[label](https://shop.example/a_(b))": [p(a("https://shop.example/a_(b)", "label"))],
  "[mail](mailto:help@shop.example)": [p(a("mailto:help@shop.example", "mail"))],
  "see https://shop.example/help.": [p("see ", a("https://shop.example/help", "https://shop.example/help"), ".")],
  "\\*not slanted\\*": [p("*", "not slanted", "*")],
  "order_number_12 and 2*3*4": [p("order_number_12 and 2*3*4")],
  "# heading, ![picture](https://x.example/p.png)": [
    p("# heading, !", a("https://x.example/p.png", "picture")),
  ],
  "": [],
};

for (const [text, tree] of Object.entries(READ)) {
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parse(text), tree));
}

const NO_LINKS = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\tscript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://shop.example/1",
  "/relative",
  "//other.example",
  "",
];

for (const address of NO_LINKS) {
  test(`makes no link of ${JSON.stringify(address)}`, () => {
    assert.equal(safeLink(address), null);
    assert.ok(!JSON.stringify(parse(`[click](${address})`)).includes('"href"'));
  });
}

test("markup stays text", () => {
  const text = '<img src=x onerror="alert(1)"><script>alert(1)</script>';
  assert.deepEqual(parse(text), [p(text)]);
});

test("a link keeps no other way out of its attribute", () => {
  const [{ children }] = parse('[x](https://a.example/"onclick="alert(1)) end');
  assert.ok(!children.some(({ href }) => href?.includes('"')), JSON.stringify(children));
});

for (const sign of ["*", "_", "`", "[", "**a", "[a](", "\\", "https://"]) {
  test(`4,000 characters of ${sign} are read in time`, () => {
    const began = performance.now();
    parse(sign.repeat(4000 / sign.length));
    assert.ok(performance.now() - began < 500);
  });
}
