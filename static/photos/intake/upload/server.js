// What the page asks the server beside sending files.

import { csrfHeaders } from "../../../site/csrf.js";

export class SignedOut extends Error {}
export class Refused extends Error {}

export function createServer({ knownAddress }) {
  return { known, headers };

  // Of these hashes, those the event has. Throws SignedOut, Refused (not allowed, event gone,
  // event closed), or whatever fetch throws while there is no connection.
  async function known(hashes) {
    const response = await fetch(knownAddress, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers() },
      body: JSON.stringify({ sha256: hashes }),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok && answer.open) {
      return new Set(answer.known);
    }
    throw problem(response.status, response.ok ? "event_closed" : answer.code);
  }

  function headers() {
    return { ...csrfHeaders(), Accept: "application/json" };
  }
}

// Why an answer is none to go on with. A 403 without our code is Django's: the session changed. What
// the server says of its own state (503) is handed on as `reason`; what it says of a single request
// is none to wait with.
export function problem(status, code, reason) {
  if (status === 401 || (status === 403 && code !== "not_allowed")) {
    return new SignedOut();
  }
  if (code === "event_closed" || status === 403 || status === 404) {
    return new Refused(code === "event_closed" ? code : "not_allowed");
  }
  return Object.assign(new Error(`the server answered ${status}`), {
    reason: status === 503 ? reason : undefined,
  });
}
