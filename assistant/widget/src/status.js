/** The one line that says how things stand. */
import { fill } from "./strings.js";

/** `{text, isQuiet}`: quiet ones are for screen readers only, because the eye sees them elsewhere. */
export function statusOf(chat, words, isOnline) {
  const key = standing(chat, isOnline);
  return { text: Array.isArray(key) ? fill(words[key[0]], key[1]) : (words[key] ?? key), isQuiet: key === "typing" };
}

function standing(chat, isOnline) {
  const standings = [
    [chat.notice, chat.notice],
    [!chat.isUp && !isOnline, "offline"],
    [chat.refusedWords, chat.refusedWords],
    [chat.unreachable, chat.waits ? "unreachable" : "unreachable_idle"],
    [chat.slowed, "slow_down"],
    [chat.noAnswer, "no_answer"],
    [chat.stillLooking, "still_looking"],
    [chat.typing, "typing"],
    [chat.rating?.isDone, "rated"],
    [!chat.isUp, "connecting"],
  ];
  return standings.find(([is]) => is)?.[1] ?? "";
}
