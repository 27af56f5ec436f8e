/** localStorage, or for as long as the page lives a stand-in: browsers may forbid it, and it may be full. */
export function openStorage() {
  try {
    localStorage.setItem("amends", "1");
    localStorage.removeItem("amends");
    return localStorage;
  } catch {
    return standIn();
  }
}

/** What is listed by Object.keys is what was put in, as with localStorage. */
export function standIn() {
  return Object.create({
    getItem(key) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(key, value) {
      this[key] = value;
    },
    removeItem(key) {
      delete this[key];
    },
  });
}
