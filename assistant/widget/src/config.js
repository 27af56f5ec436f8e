/** What the script tag says. */
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i;
const PATH = "/webhooks/web/";

/** Read from the tag's data- attributes; the page's own language is used where it names none. */
export function configOf(script, pageLanguage) {
  const { server, language, strings, title, position, theme } = script.dataset;
  const asked = language || pageLanguage || "en";
  return {
    url: new URL(PATH, server || script.src).href,
    language: LANGUAGE.test(asked) ? asked : "en",
    stringsUrl: strings,
    own: title ? { title } : {},
    position: ["left", "right"].includes(position) ? position : "",
    theme: ["light", "dark"].includes(theme) ? theme : "",
  };
}
