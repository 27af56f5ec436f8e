/** What the shopper reads, by language. */
import en from "./strings/en.json";
import zh from "./strings/zh.json";

const BUILT_IN = { en, zh };

/** The words of a language such as "zh-CN"; a shop's own come first, English fills what is missing. */
export function stringsOf(language, own) {
  const known = BUILT_IN[language.slice(0, 2).toLowerCase()];
  return { ...en, ...known, ...onlyTexts(own) };
}

/** How dates are written in a language: as in the shopper's part of the world where they told the browser, "en" alone is American. */
export function localeOf(language, own) {
  const family = (tag) => tag.split("-")[0].toLowerCase();
  return own.find((tag) => family(tag) === family(language)) ?? language;
}

/** Put facts into a sentence: fill("{count} unread", {count: 2}). */
export function fill(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

/** The shop's own words from an address; none where they cannot be read: English is better than no chat. */
export async function fetchStrings(url) {
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return await answer.json();
  } catch (error) {
    console.warn(`Amends: expected a JSON of words at data-strings=${url}, found ${error.message}. English is shown.`);
    return {};
  }
}

function onlyTexts(own) {
  return Object.fromEntries(Object.entries(own ?? {}).filter(([, text]) => typeof text === "string" && text));
}
