/** Calls `late` once when `ms` pass between the first start() and calm(). */
export function patience(ms, late) {
  let timer = null;
  return {
    start() {
      timer ??= setTimeout(late, ms);
    },
    calm() {
      clearTimeout(timer);
      timer = null;
    },
  };
}
