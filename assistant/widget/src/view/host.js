/** The one element that the page gets: a shadow root, so that neither's styles reach the other. */
import css from "./style.css";
import { h } from "./dom.js";

/** @param {object} options theme "auto"|"light"|"dark", position "left"|"right"|undefined; language; dir "ltr"|"rtl". */
export function host({ theme, position, language, dir }) {
  const element = h("amends-widget", { dir, lang: language, "data-position": position });
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // a strict CSP has nothing against constructed sheets
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  followTheme(element, theme);
  followKeyboard(element);
  return { element, root };
}

function followTheme(element, theme) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => element.toggleAttribute("dark", theme === "dark" || (theme !== "light" && dark.matches));
  dark.addEventListener("change", apply);
  apply();
}

/** On a phone the keyboard covers part of the page: the window takes what is left. */
function followKeyboard(element) {
  const seen = window.visualViewport;
  if (!seen) return;
  const apply = () => {
    element.style.setProperty("--seen-height", `${seen.height}px`);
    element.style.setProperty("--seen-top", `${seen.offsetTop}px`);
  };
  seen.addEventListener("resize", apply);
  seen.addEventListener("scroll", apply);
  apply();
}
