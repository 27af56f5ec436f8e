/** Files on their way to the server: looked at before anything is sent, then uploaded with progress. */
import { refusal } from "./http.js";

export const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"];

/** Why this file cannot go, as a code, or null. The server looks at the content too. */
export function problem(file, maxBytes) {
  if (!TYPES.includes(file.type)) return "bad_type";
  return file.size > maxBytes ? "too_big" : null;
}

/** Resolves to {id, name, media_type, size}; `progress` hears 0…1. */
export async function upload({ base, session, file, progress }) {
  try {
    return await post(base, (await session.token()).token, file, progress);
  } catch (error) {
    if (error.status !== 401) throw error;
    session.doubt();
    return post(base, (await session.token()).token, file, progress);
  }
}

function post(base, token, file, progress) {
  const request = new XMLHttpRequest(); // fetch tells nothing of progress
  const form = new FormData();
  form.append("file", file, file.name);
  request.open("POST", `${base}/attachments`);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.responseType = "json";
  request.timeout = 120_000;
  request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
  return new Promise((resolve, reject) => {
    request.onload = () => (request.status === 200 ? resolve(request.response) : reject(refusal(request.status, request.response ?? {})));
    request.onerror = request.ontimeout = () => reject(refusal(0));
    request.send(form);
  });
}
