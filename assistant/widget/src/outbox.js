/**
 * Messages that the server has not acknowledged. They outlive a reload.
 *
 * One entry of the storage a message, so that tabs that write at the same time lose nothing of each
 * other's. A message sent by two tabs is one message: the server knows its id.
 */
export class Outbox {
  /** `storage` as in storage.js; `server` keeps the messages of two shops apart. */
  constructor(storage, server) {
    this.storage = storage;
    this.prefix = `amends.out:${server}:`;
  }

  put(entry) {
    this.storage.setItem(this.prefix + entry.id, JSON.stringify(entry));
  }

  remove(id) {
    this.storage.removeItem(this.prefix + id);
  }

  has(id) {
    return this.storage.getItem(this.prefix + id) !== null;
  }

  /** Every entry, oldest first. */
  all() {
    return [...new Set(this.storage.keys())]
      .filter((key) => key.startsWith(this.prefix))
      .map((key) => read(this.storage.getItem(key)))
      .filter(Boolean)
      .sort((one, other) => one.at - other.at);
  }

  /**
   * Those that may be sent in this shopper's name.
   *
   * What a signed-in shopper wrote goes out in no other's name, also where the next one at the same
   * computer signs in. What was written before signing in follows them.
   */
  mine(shopper) {
    return this.all().filter(({ owner }) => !owner?.startsWith("shop-") || owner === shopper);
  }
}

function read(text) {
  try {
    const entry = JSON.parse(text);
    return typeof entry.id === "string" && typeof entry.text === "string" ? entry : null;
  } catch {
    return null;
  }
}
