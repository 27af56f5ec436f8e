/** Sends what waits, one message after another, each until the server has answered for it. */
import { isTokenRefusal } from "./session.js";

const PASSING = ["too_many", "unavailable"]; // worth another try
const PAUSE = 5; // seconds, when the server names none

/**
 * @param {object} parts line; next() gives the message to send or nothing; leaves(id), arrived(id), putOff(answer) and
 *   refused(id, answer) hear what becomes of it.
 */
export function delivery({ line, next, leaves, arrived, putOff, refused }) {
  let busy = false;

  async function deliver({ id, text, attachment }) {
    leaves(id);
    const answer = await line.send("message", { id, text, attachment: attachment?.id ?? null });
    if (answer.ok) arrived(id);
    else if (isTokenRefusal(answer)) line.restart(answer);
    else if (PASSING.includes(answer.code)) await putOffFor(answer);
    else refused(id, answer);
  }

  function putOffFor(answer) {
    putOff(answer);
    return new Promise((done) => setTimeout(done, (answer.retry_after_s ?? PAUSE) * 1000));
  }

  return async function flush() {
    if (busy) return;
    busy = true;
    try {
      for (let item; line.isUp() && (item = next()); ) await deliver(item);
    } catch {
      // the line broke: the message stays in the outbox and goes again once the session is confirmed
    } finally {
      busy = false;
    }
  };
}
