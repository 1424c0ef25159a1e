// A gallery's pages as one long scroll. Pages far from the screen are kept as text and a height:
// the document stays as small with 5,000 photos as with 300.

import { dropEmptyDays, joinDays } from "./days.js";
import * as images from "./images.js";
import { PageList } from "./page-list.js";
import { onPullAtTop } from "./pull-at-top.js";
import { describe, number, takeCaptions } from "./tiles.js";

// In heights of the screen: where the next page is fetched, and where a page is put away.
const FETCH_AHEAD = "200% 0px";
// The page above only once one has gone on from where it would come in: what stands over the photos is
// not taken from the screen.
const FETCH_ABOVE = "200% 0px -100% 0px";
const KEEP = "150% 0px";

export class Pages {
  constructor(root) {
    this.root = root;
    this.pages = new PageList();
    this.fetching = {};
    this.atEnd = new IntersectionObserver((entries) => this.#reachEnd(entries), {
      rootMargin: FETCH_AHEAD,
    });
    this.atBeginning = new IntersectionObserver((entries) => this.#reachBeginning(entries), {
      rootMargin: FETCH_ABOVE,
    });
    this.inSight = new IntersectionObserver((entries) => this.#putAway(entries), {
      rootMargin: KEEP,
    });
    this.measure = measureOf(root);
    window.addEventListener("resize", () => this.adaptHeights());
    window.addEventListener("scroll", () => this.#bringBackSeen(), { passive: true });
    root.addEventListener("click", (event) => this.#takeLink(event));
    onPullAtTop(() => this.loadNewer());
    this.start();
  }

  // Begins with what the server rendered into the root.
  start() {
    this.pages.clear();
    this.inSight.disconnect();
    const element = this.root.querySelector(".gallery-page");
    if (element) {
      number(element);
      this.#add(element);
      images.show(element);
    }
    this.#watchEnds();
  }

  // Photos of all pages fetched so far, in order, whether their tiles are in the document or not.
  get items() {
    return this.pages.items;
  }

  // How many photos the gallery has, as its last page says.
  get total() {
    return this.items.at(-1)?.all ?? 0;
  }

  // Which of how many a photo is, as it was when its page was made; null where that is not known.
  placeOf(id) {
    const { at, all } = this.items.find((item) => item.id === id) ?? {};
    return at ? { at, all } : null;
  }

  // Resolves to whether there was an older page.
  async loadOlder() {
    return this.#fetchBeside("next");
  }

  // Resolves to whether there was a newer page.
  async loadNewer() {
    return this.#fetchBeside("prev");
  }

  // Drops photos that this gallery no longer has.
  remove(ids) {
    const changed = this.pages.remove(ids);
    for (const page of changed) {
      this.#bringBack(page);
      ids.forEach((id) => page.element.querySelector(`#${id}`)?.remove());
      dropEmptyDays(page.element);
    }
  }

  // The link of a photo, its page brought back if it was put away.
  linkOf(id) {
    const page = this.pages.with(id);
    if (page) {
      this.#bringBack(page);
    }
    return document.getElementById(id)?.querySelector("a");
  }

  // Of the page that a tile stands on, so that a gallery can begin with it; of the first one of all
  // it is the gallery's own.
  addressOf(tile) {
    const page = tile.closest(".gallery-page");
    const address = new URL(page.dataset.page, location.href);
    if (page === this.pages.first.element && !this.#link("prev")) {
      ["before", "after"].forEach((side) => address.searchParams.delete(side));
    }
    return address.href;
  }

  #link(direction) {
    return this.root.querySelector(`.pages a[rel=${direction}]`);
  }

  #watchEnds() {
    for (const [observer, direction] of [
      [this.atEnd, "next"],
      [this.atBeginning, "prev"],
    ]) {
      observer.disconnect();
      const link = this.#link(direction);
      if (link) {
        observer.observe(link);
      }
    }
  }

  #reachEnd(entries) {
    if (entries.some((entry) => entry.isIntersecting)) {
      this.loadOlder();
    }
  }

  #reachBeginning(entries) {
    if (entries.some((entry) => entry.isIntersecting)) {
      this.loadNewer();
    }
  }

  #takeLink(event) {
    const link = event.target.closest(".pages a");
    if (link && !event.defaultPrevented && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      this.#fetchBeside(link.rel);
    }
  }

  // Asked for by the scroll and by the viewer at once, a page is fetched once, and both wait for it.
  #fetchBeside(direction) {
    this.fetching[direction] ??= this.#fetch(direction).finally(
      () => delete this.fetching[direction],
    );
    return this.fetching[direction];
  }

  async #fetch(direction) {
    const link = this.#link(direction);
    if (!link) {
      return false;
    }
    link.ariaBusy = "true";
    document.documentElement.classList.add("is-growing");
    try {
      const fetched = await fetchDocument(link.href);
      if (!link.isConnected) {
        return false; // the gallery was renewed meanwhile: this page does not follow any more
      }
      this.#insert(fetched, direction);
      return true;
    } catch {
      // Offline, or signed out: the link is still there, and leads on or says what is wrong.
      return false;
    } finally {
      link.ariaBusy = "false";
      requestAnimationFrame(() =>
        requestAnimationFrame(() => document.documentElement.classList.remove("is-growing")),
      );
    }
  }

  #insert(fetched, direction) {
    const older = direction === "next";
    const known = new Set(this.items.map((item) => item.id));
    const element = fetched.querySelector(".gallery-page");
    const [nav, nextNav] = [this.root, fetched].map((where) =>
      where.querySelector(`.pages:has(a[rel=${direction}])`),
    );
    const { first } = this.pages;
    const bottom = first?.element.getBoundingClientRect().bottom;
    if (element) {
      number(element);
      for (const tile of element.querySelectorAll(".tile")) {
        if (known.has(tile.id)) {
          tile.remove(); // a photo whose time was corrected meanwhile
        }
      }
      images.hold(element);
      const edge = older ? nav : first.element;
      edge.before(element);
      this.#add(element, older);
      this.#join(older ? element : first.element);
    }
    if (nextNav) {
      nav.replaceWith(document.adoptNode(nextNav));
    } else {
      nav.remove();
    }
    if (element && !older) {
      keepPlace(first.element, bottom);
    }
    if (element) {
      images.show(element);
    }
    this.#watchEnds();
  }

  // To the page above it.
  #join(element) {
    const page = this.pages.of(element);
    this.#bringBack(page);
    const moved = joinDays(element.previousElementSibling, element);
    if (moved.length) {
      this.pages.moveTo(page, new Set(moved.map((tile) => tile.id)));
    }
  }

  #add(element, isOlder = true) {
    const captions = takeCaptions(element);
    const all = Number(element.dataset.count);
    const items = Array.from(element.querySelectorAll(".tile"), (tile) => ({
      ...describe(tile, captions),
      all,
    }));
    this.pages.add(element, items, isOlder);
    this.inSight.observe(element);
  }

  #putAway(entries) {
    for (const { target, isIntersecting } of entries) {
      const page = this.pages.of(target);
      if (page && isIntersecting) {
        this.#bringBack(page);
      } else if (
        page &&
        !isIntersecting &&
        page.markup === undefined &&
        !target.contains(document.activeElement)
      ) {
        page.height = target.offsetHeight;
        target.style.height = `${page.height}px`;
        page.markup = withoutLikenesses(target);
        target.replaceChildren();
      }
    }
  }

  #bringBack(page) {
    if (page.markup === undefined) {
      return;
    }
    const template = document.createElement("template");
    template.innerHTML = page.markup;
    images.hold(template.content);
    page.element.replaceChildren(template.content);
    page.element.style.height = "";
    page.markup = undefined;
    images.show(page.element);
  }

  // What a jump leads to is there in its first frame: the observer tells of it only after that one was
  // painted, and on a slow phone the next one takes a while.
  #bringBackSeen() {
    const seen = this.pages.away.filter(({ element }) => isOnScreen(element));
    seen.forEach((page) => this.#bringBack(page));
  }

  // Where the screen turned, or photos became larger.
  adaptHeights() {
    const measure = measureOf(this.root);
    for (const page of this.pages.scale(measure / this.measure)) {
      page.element.style.height = `${page.height}px`;
    }
    this.measure = measure;
  }
}

function isOnScreen(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

// What a page's height goes with: the width, and the square of how many photos do not share a row,
// by which there are more rows, and each is higher.
function measureOf(root) {
  const grid = root.querySelector(".photo-grid");
  const fill = Number(grid ? getComputedStyle(grid).getPropertyValue("--fill") : 1);
  return root.clientWidth / (fill || 1) ** 2;
}

// Photos put in above must not push down what is being looked at.
function keepPlace(element, bottomBefore) {
  const moved = element.getBoundingClientRect().bottom - bottomBefore;
  window.scrollBy({ top: moved, behavior: "instant" });
}

export async function fetchDocument(address) {
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) {
    throw new Error(`${response.status} ${response.url}`);
  }
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// Copied into a document that is never shown: in this one, pictures of the copy would load.
function withoutLikenesses(element) {
  const copy = document.implementation.createHTMLDocument().importNode(element, true);
  copy.querySelectorAll("img[style]").forEach(images.forget);
  copy.querySelectorAll("img[data-src]").forEach(images.release);
  return copy.innerHTML;
}
