// A gallery's photos in PhotoSwipe. Without it each link leads to the photo's own page, which is
// also the address while the viewer is open: it can be reloaded, sent on, and left with "back".

import { isElsewhere } from "../../site/own-address.js";
import { addDownload, gatherButtons } from "./viewer-buttons.js";
import { addDetails } from "./viewer-details.js";
import { trapFocus } from "./viewer-focus.js";
import { ARROW, CLOSE, ZOOM } from "./viewer-icons.js";
import { addRetry } from "./viewer-missing.js";
import { ViewerPictures } from "./viewer-pictures.js";
import { keepRoom } from "./viewer-room.js";
import { first, longestSides, slideOf } from "./viewer-slides.js";

// So many photos before the end the next page is fetched.
const AHEAD = 5;
// Browsers refuse more than some changes of address a second, as when a key is held down.
const SETTLED_MS = 250;

export function loadViewer() {
  return import("photoswipe");
}

export class Lightbox {
  constructor(gallery, pages) {
    this.labels = gallery.dataset;
    const sides = longestSides(gallery.dataset);
    this.slide = (item) => slideOf(item, sides);
    this.pages = pages;
    this.viewer = null;
    this.settling = 0;
    gallery.addEventListener("click", (event) => this.#takeClick(event));
    gallery.addEventListener("pointerdown", (event) => this.#prepare(event), { passive: true });
    window.addEventListener("popstate", (event) => this.#travel(event.state));
    const seen = history.state?.viewer;
    if (seen) {
      // A gallery that one comes back to from a photo's own page, where the viewer was reloaded.
      history.replaceState(null, "");
      // Later, as the browser would lead to where the photo's page stood.
      window.addEventListener("pagehide", () => (history.scrollRestoration = "auto"));
      this.pages.linkOf(seen)?.scrollIntoView({ block: "center", behavior: "instant" });
    }
  }

  get isOpen() {
    return this.viewer !== null;
  }

  // A finger lies on the glass for a tenth of a second: what it is about to open is fetched meanwhile.
  #prepare({ target }) {
    const link = target.closest(".tile > a");
    if (link && !this.isOpen && navigator.onLine) {
      loadViewer().catch(() => {}); // heard of when it is needed
      new Image().src = first(link.dataset);
    }
  }

  #takeClick(event) {
    const link = event.target.closest(".tile > a");
    if (
      !link ||
      event.defaultPrevented ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.button
    ) {
      return;
    }
    event.preventDefault();
    const { id } = link.parentElement;
    history.pushState({ viewer: id }, "", link.href);
    this.#open(id);
  }

  // "Back" closes what was opened, "forward" opens it again.
  #travel(state) {
    if (!state?.viewer && isElsewhere()) {
      location.reload(); // where a photo's own page had gone on, after a reload
    } else if (!state?.viewer) {
      closeSoon(this.viewer);
    } else if (this.viewer?.isDestroying) {
      this.viewer.on("destroy", () => this.#open(state.viewer)); // "forward" while it was closing
    } else if (this.pages.items.some((item) => item.id === state.viewer)) {
      this.#open(state.viewer);
    } else {
      location.reload();
    }
  }

  async #open(id) {
    const { default: PhotoSwipe } = await loadViewer().catch(() => ({}));
    if (!PhotoSwipe) {
      location.reload(); // what does not arrive is not waited for: the address is the photo's page
      return;
    }
    if (this.isOpen || history.state?.viewer !== id) {
      return; // two taps, or "back" before the viewer was there
    }
    const slides = this.pages.items.map(this.slide);
    const viewer = new PhotoSwipe({
      dataSource: slides,
      index: slides.findIndex((one) => one.id === id),
      loop: false,
      bgOpacity: 1,
      preload: [1, 2],
      // Of the pages that were fetched, not of the gallery: it would say less than there is.
      counter: false,
      closeSVG: CLOSE,
      zoomSVG: ZOOM,
      arrowPrevSVG: ARROW,
      arrowNextSVG: ARROW,
      closeTitle: this.labels.labelClose,
      zoomTitle: this.labels.labelZoom,
      arrowPrevTitle: this.labels.labelPrevious,
      arrowNextTitle: this.labels.labelFollowing,
    });
    this.viewer = viewer;
    keepRoom(viewer);
    trapFocus(viewer, this.labels.labelViewer);
    addRetry(viewer, new ViewerPictures(viewer), this.labels);
    viewer.addFilter(
      "thumbEl",
      (element, data) => this.pages.linkOf(data.id)?.querySelector("img") ?? element,
    );
    viewer.on("uiRegister", () => {
      addDownload(viewer, this.labels);
      addDetails(viewer, this.labels, (id) => this.pages.placeOf(id));
      // Others may add their buttons.
      document.dispatchEvent(new CustomEvent("viewer:ui", { detail: viewer }));
      gatherButtons(viewer);
    });
    viewer.on("change", () => this.#arrive(viewer, slides));
    const onKey = ({ key }) => key === "Escape" && closeSoon(viewer);
    document.addEventListener("keydown", onKey);
    viewer.on("openingAnimationEnd", () => {
      document.removeEventListener("keydown", onKey); // from here on it hears keys itself
      keepFocus(viewer);
    });
    viewer.on("close", () => this.#leave(viewer));
    viewer.on("destroy", () => (this.viewer = null));
    viewer.init();
  }

  // Keeps the address and the slides in step with what is shown.
  async #arrive(viewer, slides) {
    const { id, href } = viewer.currSlide.data;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      if (history.state?.viewer && history.state.viewer !== id) {
        history.replaceState({ viewer: id }, "", href);
      }
    }, SETTLED_MS);
    if (viewer.currIndex < AHEAD) {
      await this.pages.loadNewer();
      this.#extend(viewer, slides);
    }
    if (viewer.currIndex >= slides.length - AHEAD) {
      await this.pages.loadOlder();
      this.#extend(viewer, slides);
    }
  }

  // By what came since, whoever asked for it: the grid behind grows by itself, too.
  #extend(viewer, slides) {
    const { items } = this.pages;
    const newer = items.findIndex((item) => item.id === slides[0].id);
    if (viewer !== this.viewer || newer < 0) {
      return;
    }
    if (newer) {
      putBefore(viewer, slides, items.slice(0, newer).map(this.slide));
    }
    const first = slides.length;
    const older = items.slice(first);
    if (older.length) {
      slides.push(...older.map(this.slide));
      viewer.refreshSlideContent(first);
    }
  }

  #leave(viewer) {
    clearTimeout(this.settling);
    const { id } = viewer.currSlide.data;
    const link = this.pages.linkOf(id);
    link?.scrollIntoView({ block: "nearest", behavior: "instant" });
    viewer.on("destroy", () => link?.focus({ preventScroll: true }));
    if (history.state?.viewer) {
      history.back();
    }
  }
}

// PhotoSwipe does not close while it opens.
function closeSoon(viewer) {
  if (viewer?.opener.isOpening) {
    viewer.on("openingAnimationEnd", () => viewer.close());
  } else {
    viewer?.close();
  }
}

// PhotoSwipe takes the focus when its opening ends, also from a button one has gone on to by then.
function keepFocus(viewer) {
  const focused = document.activeElement;
  if (viewer.element.contains(focused)) {
    viewer.on("bindEvents", () => focused.focus({ preventScroll: true }));
  }
}

// PhotoSwipe counts its slides from the first: with more of them before it, whatever it has counted
// moves on by as many.
function putBefore(viewer, slides, more) {
  const { contentLoader, mainScroll } = viewer;
  const counted = new Set(slides.map((_, index) => contentLoader.getContentByIndex(index)));
  for (const { slide: shown } of mainScroll.itemHolders) {
    counted.add(shown).add(shown?.content);
  }
  counted.delete(undefined);
  counted.forEach((one) => (one.index += more.length));
  slides.unshift(...more);
  viewer.currIndex += more.length;
  viewer.potentialIndex += more.length;
  viewer.refreshSlideContent(more.length - 1);
}
