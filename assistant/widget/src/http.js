/** One POST of JSON; a refusal is thrown as an Error with the server's code, words, status and retry_after_s. */
export async function postJson(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(8000),
  });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw refusal(answer.status, found);
  return found;
}

export function refusal(status, { code, words, retry_after_s } = {}) {
  return Object.assign(new Error(words ?? `status ${status}`), { status, code, words, retry_after_s });
}
