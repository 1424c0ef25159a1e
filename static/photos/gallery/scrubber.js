// Along the edge of a long gallery: where one is in it, and, pulled, the way to any other time. For
// pointers only: with keys and screen readers "Jump to a time" leads to the same hours.

import { fetchDocument } from "./pages.js";
import { Hours, readHours } from "./hours.js";

// In heights of the screen: what is shorter is scrolled.
const LONG = 4;
const SEEN_MS = 1500;

export class Scrubber {
  // `pages`: { items, total, root, linkOf(id) }
  constructor(gallery, pages) {
    this.pages = pages;
    this.element = document.createElement("div");
    this.element.className = "scrubber";
    this.element.ariaHidden = "true";
    this.element.innerHTML =
      '<div class="scrubber-handle"><output class="scrubber-time"></output></div>';
    this.handle = this.element.firstChild;
    this.time = this.handle.firstChild;
    gallery.append(this.element);
    window.addEventListener("scroll", () => this.#follow(), { passive: true });
    this.handle.addEventListener("pointerdown", (event) => this.#grasp(event));
    this.handle.addEventListener("pointermove", (event) => this.#pull(event));
    this.handle.addEventListener("pointerup", () => this.#release());
    this.handle.addEventListener("pointercancel", () => this.#let());
    document.addEventListener("photos:renewed", () => (this.hours = undefined));
  }

  // Where the way to a time leads, if there is one: with the photos that came it may be there now.
  get #address() {
    return document.querySelector("[data-opens=times]")?.href;
  }

  // As far as can be told from the pages that were fetched.
  get #isLong() {
    const { items, total, root } = this.pages;
    return (root.offsetHeight * total) / items.length > LONG * window.innerHeight;
  }

  async #load() {
    this.loading ??= fetchDocument(this.#address)
      .then((page) => (this.hours = new Hours(readHours(page))))
      .catch(() => null) // offline: asked again at the next scroll
      .finally(() => (this.loading = undefined));
    await this.loading;
  }

  // Seen while one scrolls, and a moment longer: it does not lie on hearts for good.
  #follow() {
    if (this.frame || this.pulled !== undefined || !this.#address || !this.#isLong) {
      return;
    }
    this.frame = requestAnimationFrame(async () => {
      if (!this.hours) {
        await this.#load();
      }
      this.frame = undefined;
      const part = this.hours && this.#partSeen();
      if (typeof part === "number") {
        this.#place(part);
        this.#show();
      }
    });
  }

  #show() {
    this.element.classList.add("is-seen");
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => this.element.classList.remove("is-seen"), SEEN_MS);
  }

  // By the first photo that is wholly on the screen: how far it is behind the beginning of its hour.
  #partSeen() {
    const tiles = [...document.querySelectorAll(".tile")];
    const seen = tiles.find((tile) => tile.getBoundingClientRect().top >= 0);
    const { items } = this.pages;
    const at = items.findIndex((item) => item.id === seen?.id);
    const from = items.findLastIndex((item, index) => index <= at && item.hour);
    return from < 0 ? null : this.hours.partOf(items[from].hour, at - from);
  }

  #place(part) {
    this.element.style.setProperty("--part", part);
  }

  #grasp(event) {
    if (this.hours) {
      this.handle.setPointerCapture(event.pointerId);
      this.pulled = null;
      this.element.classList.add("is-pulled");
      this.#pull(event);
    }
  }

  #pull(event) {
    if (this.pulled === undefined) {
      return;
    }
    const { top, height } = this.element.getBoundingClientRect();
    const room = height - this.handle.offsetHeight;
    const way = event.clientY - top - this.handle.offsetHeight / 2;
    const part = Math.min(1, Math.max(0, way / room));
    this.pulled = this.hours.at(part);
    this.#place(part);
    this.time.textContent = this.pulled.label;
  }

  #release() {
    const hour = this.pulled;
    this.#let();
    if (!hour) {
      return;
    }
    const item = this.pages.items.find((one) => one.hour === hour.key);
    if (item) {
      this.pages.linkOf(item.id).scrollIntoView({ block: "start", behavior: "instant" });
    } else {
      location.assign(hour.href);
    }
  }

  #let() {
    this.pulled = undefined;
    this.element.classList.remove("is-pulled");
    this.#show();
  }
}
