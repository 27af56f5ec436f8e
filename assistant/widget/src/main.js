/** Puts the chat on the page that the script tag is on, and `window.Amends` for the page's own scripts. */
import { Chat } from "./chat.js";
import { configOf } from "./config.js";
import { emitter } from "./emitter.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { openStorage } from "./storage.js";
import { fetchStrings, stringsOf } from "./strings.js";
import css from "./style.css";
import { WindowView } from "./view/window.js";

function api(chat, view, events) {
  return {
    open: () => view.open(),
    close: () => view.close(),
    toggle: () => view.toggle(),
    identify: (token) => chat.identify(token),
    on: events.on,
    off: events.off,
  };
}

/** Calls that the page made before the words were there happen once they are. */
function promised(ready) {
  const later = (name) => (...given) => ready.then((made) => made[name](...given));
  return Object.fromEntries(["open", "close", "toggle", "identify"].map((name) => [name, later(name)]));
}

async function start(config, events) {
  const own = config.stringsUrl ? await fetchStrings(config.stringsUrl) : {};
  const words = stringsOf(config.language, { ...own, ...config.own });
  const storage = openStorage();
  const session = new Session(config.url, storage, config.language);
  const outbox = new Outbox(storage, new URL(config.url).host);
  const chat = new Chat({ url: config.url, session, storage, outbox, emit: events.emit });
  const view = new WindowView(chat, words, config);
  chat.changed = () => view.update();
  show(view.element, config.theme);
  listen(chat, session);
  chat.resume();
  return api(chat, view, events);
}

function show(element, theme) {
  const host = document.createElement("amends-chat");
  if (theme) host.dataset.theme = theme;
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(element);
  document.body.append(host);
}

/** What happens around: another tab, the network, the shopper coming back to this tab. */
function listen(chat, session) {
  addEventListener("storage", () => session.look());
  for (const event of ["storage", "online", "offline"]) addEventListener(event, () => chat.set({}));
  document.addEventListener("visibilitychange", () => chat.set({}));
}

function begin(script) {
  if (window.Amends) return;
  const events = emitter();
  const config = configOf(script, document.documentElement.lang);
  const page = document.body ? Promise.resolve() : new Promise((ready) => addEventListener("DOMContentLoaded", ready));
  const ready = page.then(() => start(config, events));
  window.Amends = { ...promised(ready), on: events.on, off: events.off };
}

begin(document.currentScript);
