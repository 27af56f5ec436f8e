/** Who the shopper is to the server: a signed token, kept between page loads. */
const RENEW_BEFORE_S = 15 * 24 * 3600;
const LIMIT_MS = 10_000;

export const BAD_TOKEN = ["bad_token", "expired_token"];
const NO_ANSWER = ["unreachable", "too_many"]; // to the question who the shopper is

/** The server said no, in words; or nothing that could be understood (code "unreachable"). */
export class Refusal extends Error {
  constructor(code, words = "", retryAfterS = 0) {
    super(code);
    Object.assign(this, { code, words, retryAfterS });
  }
}

export class Session {
  /** `url` is the channel's address with a slash at its end; `changed()` is called when the shopper is another. */
  constructor(url, storage, language) {
    Object.assign(this, { url, storage, language, key: `amends.token:${new URL(url).host}`, era: 0, last: Promise.resolve() });
    this.seen = this.shopper;
  }

  get token() {
    return this.storage.getItem(this.key);
  }

  /** Whom the token names; "" without one. Read for telling shoppers apart, trusted for nothing. */
  get shopper() {
    return claims(this.token).sub ?? "";
  }

  /**
   * Get a token that is good for a while yet, or another one where this one is `stale`: of the same
   * shopper, or of a new one where the server no longer takes the old one.
   *
   * Where the shop named a customer and the server has not answered to it yet, it is asked again;
   * rejects as long as that fails, because a customer is not to chat as a stranger.
   */
  async valid(isStale) {
    try {
      await this.ask(isStale);
    } catch (error) {
      if (!BAD_TOKEN.includes(error.code)) throw error;
      this.storage.removeItem(this.key);
      await this.ask();
    }
  }

  /** Get the token of the customer whom the shop's identity token names. */
  identify(identity) {
    this.identity = identity;
    return this.ask();
  }

  /** Be nobody, at once: what is asked for already signs nobody in. */
  forget() {
    this.era++;
    this.identity = null;
    this.storage.removeItem(this.key);
    this.look();
  }

  /**
   * Tell when the shopper is another one than before, whichever tab signed them in or out. A stranger
   * who gets a first token is none.
   */
  look() {
    const { seen, shopper } = this;
    this.seen = shopper;
    if (seen !== shopper && (seen || shopper.startsWith("shop-"))) this.changed();
  }

  /** One request after the other: the stranger's answer must not come after the customer's. */
  ask(isStale) {
    return (this.last = this.last.catch(() => {}).then(() => this.take(isStale)));
  }

  async take(isStale) {
    const { identity, token, era } = this;
    const { exp = 0 } = claims(token);
    if (!identity && !isStale && exp - Date.now() / 1000 > RENEW_BEFORE_S) return;
    const body = identity ? { token: null, identity } : { token };
    const answer = await post(`${this.url}session`, this.language, body).catch((refusal) => refusal);
    if (identity === this.identity && !NO_ANSWER.includes(answer.code)) this.identity = null;
    if (era !== this.era) throw new Refusal("unreachable");
    if (!answer.token) throw answer;
    this.storage.setItem(this.key, answer.token);
    this.look();
  }
}

async function post(url, language, body) {
  const request = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "Accept-Language": language },
    credentials: "omit",
    signal: AbortSignal.timeout(LIMIT_MS),
  };
  let answer;
  let found;
  try {
    answer = await fetch(url, request);
    found = await answer.json();
  } catch {
    throw new Refusal("unreachable");
  }
  if (answer.ok && found.token) return found;
  throw new Refusal(found.code ?? "unreachable", found.words, Number(answer.headers.get("Retry-After")));
}

function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return {};
  }
}
