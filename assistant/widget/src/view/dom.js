/** Nodes without markup: texts are only ever texts, and a strict CSP has nothing to forbid. */
const SVG = "http://www.w3.org/2000/svg";

/** An element; `on…` are listeners, `true` and `false` switch an attribute, anything else sets it. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

/** A line drawing of 24 × 24, for the eye only. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Set text only where it is another: a live region reads out each change. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
