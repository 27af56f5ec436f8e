/** The conversation without its looks: what was said, what waits, who talks, what the shopper should be told. */
import { connection } from "./connection.js";
import { outbox } from "./outbox.js";
import { patience } from "./patience.js";
import { thread } from "./thread.js";

const ANSWER_WITHIN = 15_000; // ms; the server's own apology comes at 12 s
const PASSING = ["too_many", "unavailable"];
const BAD_TOKEN = ["bad_token", "expired_token"];
const FRESH = { up: false, typing: false, stillLooking: false, talking: { who: "bot", name: null }, rating: null, note: null };

/**
 * @param {object} parts base, language, store, session; emit(name, detail) for the page; changed(state) for the screen;
 *   refusalWords(code, words) says a refusal in the shopper's language.
 */
export function chat({ base, language, store, session, emit, changed, refusalWords, answerWithin = ANSWER_WITHIN }) {
  const log = thread();
  const box = outbox(store);
  const waiting = () => box.waiting(session.sub());
  const wait = patience(answerWithin, () => set({ note: waiting().length ? "unreachable" : "no_reply" }));
  let state = { ...FRESH, messages: [], unread: 0, limits: { max_chars: 4000, max_file_bytes: 5 * 2 ** 20 } };
  let owner = session.sub();
  let watched = false;
  let flushing = false;

  const line = connection({
    base,
    language,
    session,
    on: {
      confirmed,
      message: heard,
      down: () => set({ up: false, typing: false, stillLooking: false }),
      refused: ({ code, words }) => emit("error", { code, words }),
      state: ({ typing, still_looking }) => set({ typing, stillLooking: still_looking }),
      talking: (talking) => settle({ talking }),
      rating: ({ id }) => ask(id),
    },
  });

  function set(change) {
    state = { ...state, ...change, messages: log.list() };
    if (watched) see();
    const unread = countUnread();
    if (unread !== state.unread) emit("unread", unread);
    state.unread = unread;
    changed(state);
  }

  function confirmed({ messages, talking, limits, rating }, startedOver) {
    if (owner && owner !== session.sub()) log.clear();
    owner = session.sub();
    for (const message of messages) take(message);
    showWaiting();
    settle({ up: true, talking, limits: { ...state.limits, ...limits } });
    ask(rating);
    if (startedOver) set({ note: "new_chat" });
    flush();
  }

  function showWaiting() {
    for (const item of waiting()) log.add({ ...item, role: "shopper", buttons: [], pending: true });
    if (waiting().length) wait.start();
  }

  function take(message) {
    box.done(message.id);
    return log.add(message);
  }

  function heard(message) {
    if (!take(message)) return settle();
    settle(message.role === "shopper" ? {} : { stillLooking: false });
    emit("message", message);
  }

  /** Nothing is owed to the shopper once all is sent and the last word is not theirs, or a person has it. */
  function settle(change = {}) {
    state = { ...state, ...change };
    const said = log.list().filter((message) => message.role !== "notice" && !message.failed);
    const isOwed = waiting().length || (state.talking.who === "bot" && said.at(-1)?.role === "shopper");
    if (!isOwed) wait.calm();
    set(isOwed ? {} : { note: null });
  }

  async function flush() {
    if (flushing) return;
    flushing = true;
    try {
      for (let item; line.isUp() && (item = waiting()[0]); ) await deliver(item);
    } catch {
      // the line broke: the message stays in the outbox and goes again once the session is confirmed
    } finally {
      flushing = false;
    }
  }

  async function deliver({ id, text, attachment }) {
    log.leaves(id);
    const answer = await line.send("message", { id, text, attachment: attachment?.id ?? null });
    if (answer.ok) return arrived(id);
    if (BAD_TOKEN.includes(answer.code)) return line.restart(answer);
    if (PASSING.includes(answer.code)) return putOff(answer);
    box.done(id);
    log.fails(id, refusalWords(answer.code, answer.words));
    settle();
  }

  function arrived(id) {
    box.done(id);
    log.arrived(id);
    wait.calm();
    wait.start(); // from here on for the answer
    settle({ note: null });
  }

  function putOff({ code, retry_after_s }) {
    if (code === "too_many") set({ note: "slow_down" });
    return new Promise((done) => setTimeout(done, (retry_after_s ?? 5) * 1000));
  }

  function ask(id) {
    set({ rating: id && id !== store.get("rated") ? { id } : null });
  }

  async function rate(score) {
    const { id } = state.rating;
    const answer = await line.send("rating", { id, score }).catch(() => ({ ok: false }));
    if (!answer.ok) return set({ rating: { id, words: "rating_failed" } });
    store.set("rated", id);
    set({ rating: { id, words: "rating_thanks", score } });
    emit("rating", { id, score });
  }

  const fromUs = ({ role }) => role === "bot" || role === "agent";
  const countUnread = () => log.list().filter((message) => fromUs(message) && message.at > (store.get("seen") ?? 0)).length;
  function see() {
    const newest = Math.max(0, ...log.list().filter(fromUs).map(({ at }) => at));
    if (newest > (store.get("seen") ?? 0)) store.set("seen", newest);
  }

  return {
    start: line.start,
    retry: line.again,
    rate,
    /** Kept before anything else, so that a closed tab or a dead server loses nothing. */
    say(text, attachment = null) {
      const message = { id: newId(), text, attachment, at: Date.now() / 1000, sub: session.sub() };
      box.add(message);
      showWaiting();
      set({ note: state.note === "new_chat" ? null : state.note });
      emit("message", { ...message, role: "shopper", name: null, buttons: [] });
      line.start();
      flush();
    },
    /** Whether the shopper is looking at the conversation. */
    watch(isWatched) {
      watched = isWatched;
      set({});
    },
    identify(jwt) {
      session.identify(jwt);
      if (jwt || state.up) line.again();
    },
    /** Goes on with what an earlier page or another tab left. */
    resume() {
      showWaiting();
      set({});
      if (session.exists() || waiting().length) line.start();
    },
    storageChanged(key) {
      if (key === store.full("token") && session.sub() !== owner) line.again();
      else set({ rating: state.rating?.id === store.get("rated") ? null : state.rating });
    },
  };
}

/** A random UUID also on plain http, where crypto.randomUUID is missing. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}
