/** localStorage, and memory for what it does not take: browsers may forbid it, and it may be full. */
export class Storage {
  /** `area` as localStorage is, or null. */
  constructor(area) {
    Object.assign(this, { area, rest: new Map() });
  }

  getItem(key) {
    return this.rest.get(key) ?? this.area?.getItem(key) ?? null;
  }

  setItem(key, value) {
    this.rest.set(key, value);
    try {
      this.area.setItem(key, value);
      this.rest.delete(key);
    } catch {
      // It stays in memory, for as long as the page lives.
    }
  }

  removeItem(key) {
    this.rest.delete(key);
    this.area?.removeItem(key);
  }

  keys() {
    return [...Object.keys(this.area ?? {}), ...this.rest.keys()];
  }
}

/** The browser's; reading the property alone throws where it is forbidden. */
export function openStorage() {
  try {
    return new Storage(localStorage);
  } catch {
    return new Storage(null);
  }
}
