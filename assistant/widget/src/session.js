/** The shopper's chat token: kept per server, renewed before it ends, asked for anew when the server refuses it. */
import { postJson } from "./http.js";

const DAY = 86_400; // seconds

export function session({ base, store, report }) {
  let identity = null; // the shop's signed word on who this is, until the server took it
  let doubted = false;
  let asking = null;

  const kept = () => store.get("token");
  const isGood = () => kept() && !doubted && claims(kept()).exp - Date.now() / 1000 > DAY;

  async function renew() {
    const [old, proof] = [kept(), identity];
    doubted = false;
    const [token, proven] = await firstTaken(`${base}/session`, old, proof);
    if (proof && !proven) report({ code: "no_identity", words: "the identity token was refused: see AMENDS_SHOP_KEY" });
    if (identity === proof) identity = null;
    store.set("token", token);
    return Boolean(old && !proof && claims(old).sub !== claims(token).sub);
  }

  return {
    sub: () => claims(kept()).sub ?? null,
    exists: () => Boolean(kept()),
    /** The server refused the token, or it is to be renewed whatever its age. */
    doubt: () => (doubted = true),
    identify(jwt) {
      identity = jwt;
      doubted = true;
      if (!jwt) store.set("token", null); // signed out: whoever comes next is somebody else
    },
    /** A token to connect with, and whether an earlier chat could not be gone on with. */
    async token() {
      if (isGood()) return { token: kept(), startedOver: false };
      asking ??= renew().finally(() => (asking = null));
      const startedOver = await asking;
      return { token: kept(), startedOver };
    },
  };
}

/** Old token and identity together, then with one of them less, until the server takes it. */
async function firstTaken(url, old, proof) {
  let refused;
  for (const identity of new Set([proof, null])) {
    for (const token of new Set([old, null])) {
      try {
        return [(await postJson(url, { token, identity })).token, identity];
      } catch (error) {
        if (error.status !== 401 && error.code !== "no_identity") throw error;
        refused = error;
      }
    }
  }
  throw refused;
}

/** What a token says of itself, unchecked: only the server can check it. */
export function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return {};
  }
}
