/** Who the shopper is to the server: a signed token, kept between page loads. */
const RENEW_BEFORE_S = 15 * 24 * 3600;
const LIMIT_MS = 10_000;

export const BAD_TOKEN = ["bad_token", "expired_token"];

/** The server said no, in words; or nothing that could be understood (code "unreachable"). */
export class Refusal extends Error {
  constructor(code, words = "", retryAfterS = 0) {
    super(code);
    Object.assign(this, { code, words, retryAfterS });
  }
}

export class Session {
  /** `url` is the channel's address with a slash at its end. */
  constructor(url, storage, language) {
    Object.assign(this, { url, storage, language, key: `amends.token:${new URL(url).host}`, era: 0, last: Promise.resolve() });
  }

  get token() {
    return this.storage.getItem(this.key);
  }

  /** Whom the token names; "" without one. Read for telling shoppers apart, trusted for nothing. */
  get shopper() {
    return claims(this.token).sub ?? "";
  }

  /** A token that is good for a while yet; the server is asked where there is none. */
  async valid() {
    const { exp = 0 } = claims(this.token);
    return exp - Date.now() / 1000 > RENEW_BEFORE_S ? this.token : this.renew();
  }

  /** A newer token of the same shopper, or of a new one where the server no longer takes the old one. */
  async renew() {
    try {
      return await this.ask(() => ({ token: this.token }));
    } catch (error) {
      if (!BAD_TOKEN.includes(error.code)) throw error;
      return this.ask(() => ({ token: null }));
    }
  }

  /** The token of the customer whom the shop's identity token names. */
  identify(identity) {
    return this.ask(() => ({ token: null, identity }));
  }

  /** Be nobody, at once: what is asked for already signs nobody in. */
  forget() {
    this.era++;
    this.storage.removeItem(this.key);
  }

  /** One request after the other: the stranger's answer must not come after the customer's. */
  ask(body) {
    const { era } = this;
    return (this.last = this.last.catch(() => {}).then(() => this.take(body(), era)));
  }

  async take(body, era) {
    const { token } = await post(`${this.url}session`, this.language, body);
    if (typeof token !== "string" || era !== this.era) throw new Refusal("unreachable");
    this.storage.setItem(this.key, token);
    return token;
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
  if (!answer.ok) throw new Refusal(found.code ?? "unreachable", found.words, Number(answer.headers.get("Retry-After")));
  return found;
}

function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return {};
  }
}
