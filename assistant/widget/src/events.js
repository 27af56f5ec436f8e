/** What the page hears: on(name, fn) returns the function that stops it. */
export function events() {
  const heard = new Map();
  const off = (name, fn) => heard.get(name)?.delete(fn);
  return {
    off,
    on(name, fn) {
      if (!heard.has(name)) heard.set(name, new Set());
      heard.get(name).add(fn);
      return () => off(name, fn);
    },
    emit(name, detail) {
      for (const fn of heard.get(name) ?? []) calmly(fn, detail);
    },
  };
}

/** A mistake in the shop's listener must not stop the chat. */
function calmly(fn, detail) {
  try {
    fn(detail);
  } catch (error) {
    console.error(error);
  }
}
