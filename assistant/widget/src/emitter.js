/** Events of the widget: the shop's page listens, and an error of its listener stays its own. */
export function emitter() {
  const listeners = new Map();
  const of = (event) => listeners.get(event) ?? listeners.set(event, new Set()).get(event);
  return {
    on: (event, listener) => void of(event).add(listener),
    off: (event, listener) => void (listener ? of(event).delete(listener) : listeners.delete(event)),
    emit(event, detail) {
      for (const listener of [...of(event)]) {
        try {
          listener(detail);
        } catch (error) {
          console.error(error);
        }
      }
    },
  };
}
