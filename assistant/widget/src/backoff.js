/** How long to wait before the next try: longer each time, and never the same for all shoppers at once. */
const FIRST_MS = 500;
const MOST_MS = 20_000;

export function delayMs(tries, random = Math.random) {
  return Math.min(MOST_MS, FIRST_MS * 2 ** tries) * (0.5 + random());
}
