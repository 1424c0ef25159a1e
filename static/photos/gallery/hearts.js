// Which photos have a heart. Galleries come without: they are the same for all guests.

import { csrfHeaders } from "../../site/csrf.js";

export class Hearts extends EventTarget {
  #marked = new Set();
  // What was said here, which an answer that is under way may not know yet.
  #said = new Map();
  // Whether the server has said which it knows of.
  isKnown = false;

  constructor(form) {
    super();
    this.form = form;
  }

  has(id) {
    return this.#marked.has(id);
  }

  async load() {
    // None while offline, nor for a page that is left before it was answered: no heart is known then.
    const response = await fetch(this.form.dataset.favourites, { cache: "no-store" }).catch(
      () => null,
    );
    if (isAnswer(response)) {
      const { favourites } = await response.json();
      this.#marked = new Set(favourites.map(String));
      this.isKnown = true;
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
      if (globalThis.navigator?.onLine === false) {
        // It stays as it is shown, and the server hears of it when the device is back.
        await new Promise((resolve) => addEventListener("online", resolve, { once: true }));
        return this.set(ids, on);
      }
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

// Nobody heard, or who asked has signed out elsewhere and is led to the page where one signs in.
function isAnswer(response) {
  return Boolean(response?.ok) && !response.redirected;
}
