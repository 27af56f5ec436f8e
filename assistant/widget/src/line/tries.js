/** How long socket.io-client waits between tries of its own: it makes none (`reconnection: false`), ../backoff.js says when. */
export class Backoff {
  attempts = 0;
  reset() {}
}
