// What came since the page was made. As long as nobody touched the page it fills by itself; from
// then on it says how many are new and moves nothing until it is asked to.

import { process } from "../../site/htmx.js";

// After so many answers without news, ten minutes, every fourth time is enough.
const QUIET_AFTER = 40;
const QUIET_EVERY = 4;

const announcements = document.querySelector("#arrivals");
const news = () => document.querySelector("#news");

export class News {
  // `gallery`: { address, hasPhotos(), isViewing(), renew(address) }
  constructor(gallery) {
    this.gallery = gallery;
    this.state = news()?.dataset.state;
    this.said = "";
    this.isTouched = false;
    this.quietFor = this.skipped = 0;
    for (const type of ["pointerdown", "keydown", "wheel", "scroll"]) {
      window.addEventListener(type, () => (this.isTouched = true), { once: true, passive: true });
    }
    document.addEventListener("htmx:beforeRequest", (event) => this.#skip(event));
    document.addEventListener("htmx:beforeSwap", (event) => stopWhenSignedOut(event));
    document.addEventListener("htmx:afterSettle", (event) => {
      if (event.detail.elt.id === "news") {
        this.#consider();
      }
    });
    document.addEventListener("click", (event) => this.#takeClick(event));
    // The guest said something by which the gallery is another now.
    document.addEventListener("photos:changed", () => {
      this.#showAll(this.gallery.address).catch(() => null); // offline: seen at the next visit
    });
  }

  // Nobody looks at a page in the background, and where nothing comes, little is asked.
  #skip(event) {
    if (event.detail.elt.id !== "news") {
      return;
    }
    const isQuiet = this.quietFor > QUIET_AFTER && ++this.skipped % QUIET_EVERY !== 0;
    if (document.hidden || isQuiet) {
      event.preventDefault();
    }
  }

  #takeClick(event) {
    const pill = event.target.closest(".news-pill:not([data-at-end])");
    if (pill) {
      event.preventDefault();
      this.#showAll(pill.href).then(() => {
        window.scrollTo({ top: 0 });
        document.querySelector("#photos .tile a")?.focus({ preventScroll: true });
      });
    }
  }

  async #consider() {
    const element = news();
    const isNew = Number(element.dataset.news) > 0;
    const isWaiting = element.querySelector("progress") !== null;
    if (!isNew && element.dataset.state === this.state) {
      this.quietFor = isWaiting ? 0 : this.quietFor + 1;
      return;
    }
    this.quietFor = 0;
    this.state = element.dataset.state;
    const isAtEnd = element.querySelector("[data-at-end]") !== null; // what is seen stays as it is
    const mayMove = !isAtEnd && !this.isTouched && !this.gallery.isViewing();
    if (!this.gallery.hasPhotos() || (isNew && mayMove)) {
      await this.#showAll(this.gallery.address);
    } else if (isNew) {
      this.#say(element.querySelector(".news-pill").textContent);
    }
  }

  async #showAll(address) {
    const fetched = await this.gallery.renew(address);
    const next = document.adoptNode(fetched.querySelector("#news"));
    news().replaceWith(next);
    process(next);
    this.state = next.dataset.state;
    this.#say(document.querySelector("[data-announce]")?.textContent ?? "");
  }

  #say(text) {
    const words = text.trim().replace(/\s+/g, " ");
    if (words && words !== this.said) {
      announcements.textContent = this.said = words;
    }
  }
}

// Signed out meanwhile: the answer is the log-in page, which does not belong into this one.
export function stopWhenSignedOut(event) {
  const { xhr, requestConfig } = event.detail;
  if (new URL(xhr.responseURL).pathname !== new URL(requestConfig.path, location.href).pathname) {
    event.detail.shouldSwap = false;
    location.reload();
  }
}
