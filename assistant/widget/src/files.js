/** A photo or file: checked here before it is sent, so that nobody waits for a refusal. */
import { Refusal } from "./session.js";

export const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"];
const LIMIT_MS = 60_000;
const MIB = 1024 * 1024;

/** The key of the words that say why a file is not taken, and their facts; null where it is. */
export function refusal(file, maxBytes) {
  if (!TYPES.includes(file.type)) return ["file_type", {}];
  if (file.size > maxBytes) return ["file_size", { megabytes: Math.floor(maxBytes / MIB) }];
  return file.size ? null : ["file_empty", {}];
}

/**
 * Send a file; `progress` is told 0 to 1. With XMLHttpRequest: fetch has no progress of uploads.
 *
 * Resolves to the attachment {id, name, media_type}, rejects with a Refusal.
 */
export function upload(url, file, session, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${url}attachments`);
    request.setRequestHeader("Authorization", `Bearer ${session.token}`);
    request.setRequestHeader("Accept-Language", session.language);
    Object.assign(request, { responseType: "json", timeout: LIMIT_MS });
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    request.onloadend = () => {
      const { status, response } = request;
      if (status === 200 && response?.id) resolve({ id: response.id, name: response.name, media_type: response.media_type });
      else reject(new Refusal(response?.code ?? "unreachable", response?.words));
    };
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}
