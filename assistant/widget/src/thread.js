/** The conversation on screen: each message once, by its id, in the order in which it was said. */

/** The thread with one message more, or with the newer form of one that is there. */
export function withMessage(thread, message) {
  const at = thread.findIndex(({ id }) => id === message.id);
  return at < 0 ? [...thread, message] : thread.with(at, message);
}

/**
 * The thread after the server told the history.
 *
 * The server's order counts: this clock and the server's need not agree. What only this tab knows
 * stays behind the message that it stood behind; what waits to be sent comes last.
 */
export function withHistory(thread, history, waits) {
  const told = new Set(history.map(({ id }) => id));
  const merged = history.slice();
  let before = -1;
  for (const message of thread) {
    if (told.has(message.id)) before = merged.findIndex(({ id }) => id === message.id);
    else if (!waits(message.id)) merged.splice(++before, 0, message);
  }
  return [...merged, ...thread.filter(({ id }) => !told.has(id) && waits(id))];
}

/** How many messages of others came after this point in time (the server's seconds). */
export function unreadSince(thread, at) {
  return thread.filter((message) => message.role !== "shopper" && message.at > at).length;
}

/** The buttons to show: those of the last message, as long as nothing was said since. */
export function openButtons(thread) {
  const last = thread.findLast(({ role }) => role !== "notice");
  return last && last.role !== "shopper" ? (last.buttons ?? []) : [];
}
