/** The line to the channel: nothing is sent before the session is confirmed; it comes back with growing, jittered pauses. */
import { io } from "socket.io-client";

const LONGEST_PAUSE = 30_000; // ms
const CONFIRM_WITHIN = 10_000;
const ACK_WITHIN = 8_000;
const BAD_TOKEN = ["bad_token", "expired_token"];

/**
 * @param {object} on confirmed(data, startedOver), down(), refused(error), and one function for each server event.
 */
export function connection({ base, language, session, on }) {
  const { origin, pathname } = new URL(base);
  let confirmed = false;
  let wanted = false;
  let tries = 0;
  let timer = null;
  let ticket = {};

  const socket = io(origin, {
    path: `${pathname}/socket.io`,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    autoConnect: false,
    reconnection: false, // our own: it asks for a session first and honours retry_after_s
    forceNew: true,
    timeout: ACK_WITHIN,
    auth: (give) => give({ token: ticket.token, language }),
  });

  async function attempt() {
    after(CONFIRM_WITHIN, restart);
    try {
      ticket = await session.token();
      if (wanted) socket.connect();
    } catch (error) {
      retry(error);
    }
  }

  function after(ms, what) {
    clearTimeout(timer);
    timer = setTimeout(what, ms);
  }

  function retry(refusal) {
    confirmed = false;
    on.down();
    if (BAD_TOKEN.includes(refusal?.code)) session.doubt();
    if (refusal?.code) on.refused(refusal);
    if (wanted) after(pause(tries++, refusal?.retry_after_s), attempt);
  }

  function restart(refusal) {
    socket.disconnect();
    retry(refusal);
  }

  socket.on("connect_error", (error) => retry(error.data));
  socket.on("disconnect", (reason) => reason !== "io client disconnect" && retry());
  socket.on("session_confirm", (data) => {
    clearTimeout(timer);
    tries = 0;
    confirmed = true;
    on.confirmed(data, ticket.startedOver);
  });
  for (const name of ["message", "state", "talking", "rating"]) socket.on(name, (data) => on[name](data));

  return {
    isUp: () => confirmed,
    start() {
      if (wanted) return;
      wanted = true;
      attempt();
    },
    /** Now rather than after the pause; another shopper's token takes effect so. */
    again() {
      wanted = true;
      confirmed = false;
      socket.disconnect();
      on.down();
      attempt();
    },
    /** The server's acknowledgement; throws when the line broke or nothing came in time, and then starts the line anew. */
    async send(name, data) {
      if (!confirmed) throw new Error("not connected");
      try {
        return await socket.timeout(ACK_WITHIN).emitWithAck(name, data);
      } catch (error) {
        if (confirmed) restart();
        throw error;
      }
    },
    restart,
  };
}

/** Milliseconds until the next try: 1, 2, 4 … 30 s, each between half and one and a half of it; never before the server asked. */
export function pause(tries, askedFor = 0, random = Math.random) {
  const own = Math.min(LONGEST_PAUSE, 1000 * 2 ** tries) * (0.5 + random());
  return Math.max(own, (askedFor ?? 0) * 1000 * (1 + random() / 4));
}
