/** How far the shopper has read, kept between page loads and shared by all tabs. */
export class Reading {
  constructor(storage, server) {
    Object.assign(this, { storage, key: `amends.read:${server}` });
  }

  get everOpened() {
    return this.storage.getItem(this.key) !== null;
  }

  /** The server's time of the newest message that was seen; 0 before any. */
  get at() {
    return Number(this.storage.getItem(this.key));
  }

  readTo(thread) {
    const newest = Math.max(0, ...thread.filter(({ role }) => role !== "shopper").map(({ at }) => at));
    if (newest > this.at || !this.everOpened) this.storage.setItem(this.key, String(newest));
  }
}
