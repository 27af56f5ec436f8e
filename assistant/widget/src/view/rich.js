/** Nodes of a text with Markdown; see markdown.js for what there is of it. */
import { parse } from "../markdown.js";
import { h } from "./dom.js";

export const rich = (text) => parse(text).map(node);

function node(part) {
  if (typeof part === "string") return part;
  const { tag, href, children } = part;
  return h(tag, href ? { href, target: "_blank", rel: "noopener noreferrer" } : {}, children.map(node));
}
