/** A stand-in for localStorage, which Node lacks: its keys are its own properties, and it can be full. */
export function area({ isFull = false } = {}) {
  return Object.create({
    getItem(key) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(key, value) {
      if (isFull) throw new DOMException("full", "QuotaExceededError");
      this[key] = String(value);
    },
    removeItem(key) {
      delete this[key];
    },
  });
}
