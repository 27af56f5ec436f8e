/**
 * A small, safe part of Markdown, read into a tree: paragraphs, lists, bold, italic, code, links.
 *
 * The tree is {tag, href?, children} and texts; view/rich.js makes nodes of it. Whatever is not
 * understood stays text, so there is no way for markup to get through.
 */
const LINK_PROTOCOLS = ["http:", "https:", "mailto:"];
const BULLET = /^\s{0,3}[-*•]\s+(.*)$/;
const NUMBER = /^\s{0,3}\d{1,3}[.)]\s+(.*)$/;
const SPANS = [
  /\\([\\*_`[\]()])/, // 1: the sign itself
  /`([^`\n]+)`/, // 2: code
  /\*\*(?=\S)([^\n]*?\S)\*\*/, // 3: bold
  /(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])/, // 4: italic
  /(?<!\w)_(?=[^\s_])([^_\n]*[^\s_])_(?!\w)/, // 5: italic
  /\[([^[\]\n]+)\]\(([^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\)/, // 6, 7: link
  /(https?:\/\/[^\s<>"'`）】，。]*[^\s<>"'`）】，。.,:;!?)\]*_])/, // 8: address
];
const SPAN = new RegExp(SPANS.map(({ source }) => source).join("|"), "g");

/** The blocks of a text. */
export function parse(text) {
  const blocks = [];
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) addLine(blocks, line);
  return blocks.filter(({ children }) => children.length);
}

/** The address if a shopper may be sent there, else null. */
export function safeLink(address) {
  try {
    const url = new URL(address);
    return LINK_PROTOCOLS.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function addLine(blocks, line) {
  const [tag, match] = [["ul", BULLET.exec(line)], ["ol", NUMBER.exec(line)]].find(([, found]) => found) ?? ["p"];
  const open = blocks.at(-1)?.tag === tag ? blocks.at(-1) : null;
  if (match) {
    const item = { tag: "li", children: inline(match[1]) };
    open ? open.children.push(item) : blocks.push({ tag, children: [item] });
  } else if (!line.trim()) {
    blocks.push({ tag: "", children: [] });
  } else {
    open ? open.children.push({ tag: "br", children: [] }, ...inline(line)) : blocks.push({ tag, children: inline(line) });
  }
}

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(SPAN)) {
    nodes.push(text.slice(end, match.index), span(match));
    end = match.index + match[0].length;
  }
  return [...nodes, text.slice(end)].filter(Boolean);
}

function span([whole, sign, code, bold, starred, underlined, label, target, address]) {
  if (sign) return sign;
  if (code) return { tag: "code", children: [code] };
  if (bold) return { tag: "strong", children: inline(bold) };
  if (starred || underlined) return { tag: "em", children: inline(starred || underlined) };
  return link(label ?? address, target ?? address) ?? label ?? whole;
}

function link(label, address) {
  const href = safeLink(address);
  return href && { tag: "a", href, children: [label] };
}
