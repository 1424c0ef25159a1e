// Which photos have a heart. Galleries come without: they are the same for all guests.

import { csrfHeaders } from "../../site/csrf.js";

export class Hearts extends EventTarget {
  #marked = new Set();
  // What was said here, which an answer that is under way may not know yet.
  #said = new Map();

  constructor(form) {
    super();
    this.form = form;
  }

  has(id) {
    return this.#marked.has(id);
  }

  async load() {
    const response = await fetch(this.form.dataset.favourites, { cache: "no-store" });
    if (isAnswer(response)) {
      const { favourites } = await response.json();
      this.#marked = new Set(favourites.map(String));
      this.#apply(this.#said);
    }
  }

  // All of them get one, or where all have it, none.
  toggle(ids) {
    return this.set(
      ids,
      ids.some((id) => !this.has(id)),
    );
  }

  // Shown at once; taken back where the server did not hear of it. Returns whether it did.
  async set(ids, on) {
    const before = new Map(ids.map((id) => [id, this.has(id)]));
    this.#apply(new Map(ids.map((id) => [id, on])));
    try {
      const response = await fetch(this.form.dataset.mark, {
        method: "POST",
        headers: { Accept: "application/json", ...csrfHeaders() },
        body: new URLSearchParams({ photos: ids.join(), on: on ? "1" : "0" }),
      });
      if (isAnswer(response)) {
        return true;
      }
    } catch {
      // Offline: the same as refused.
    }
    this.#apply(before);
    ids.forEach((id) => this.#said.delete(id)); // the server knows better
    return false;
  }

  #apply(states) {
    for (const [id, on] of states) {
      this.#said.set(id, on);
      if (on) {
        this.#marked.add(id);
      } else {
        this.#marked.delete(id);
      }
    }
    this.dispatchEvent(new Event("change"));
  }
}

// Who has signed out elsewhere is led to the page where one signs in, which is no answer.
function isAnswer(response) {
  return response.ok && !response.redirected;
}
