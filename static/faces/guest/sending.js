// Sends a form without leaving its page, so that a refusal loses nothing that was taken or said.

import { csrfHeaders } from "../../site/csrf.js";

// The server's answer; `isLost` where none came, `isPage` where it wants to be a page.
export async function send(form, submitter) {
  const body = new FormData(form);
  body.delete("csrfmiddlewaretoken"); // of when the page was made; the header has today's
  if (submitter.name) {
    body.set(submitter.name, submitter.value);
  }
  const headers = { Accept: "application/json", ...csrfHeaders() };
  const response = await fetch(form.action, { method: "POST", headers, body }).catch(() => null);
  if (!response) {
    return { isLost: true };
  }
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  return isJson && !response.redirected
    ? response.json().catch(() => ({ isLost: true }))
    : { isPage: true };
}
