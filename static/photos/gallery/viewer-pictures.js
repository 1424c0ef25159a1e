// How the viewer's pictures come: what is on the screen already at once, the medium size next, which
// a phone has within a second, the sharpest last. What does not come is asked for again.

import { likenessOf } from "./images.js";

// Whoever leafs through quickly does not fetch the sharpest of each.
const SETTLED_MS = 120;

export class ViewerPictures {
  #missing = new Set();
  #settling = 0;

  constructor(viewer) {
    this.viewer = viewer;
    viewer.addFilter("placeholderSrc", (_, content) => standIn(content.data));
    viewer.on("contentLoadImage", (event) => {
      event.preventDefault();
      this.#load(event.content);
    });
    viewer.on("loadComplete", () => this.#settle());
    viewer.on("change", () => {
      if (this.isMissing) {
        this.#load(viewer.currSlide.content);
      }
      this.#settle();
    });
    viewer.on("imageSizeChange", ({ content }) => chooseBySize(content));
    viewer.on("contentDestroy", ({ content }) => this.#missing.delete(content));
    const retry = () => this.retry();
    window.addEventListener("online", retry);
    viewer.on("destroy", () => window.removeEventListener("online", retry));
  }

  // Whether the picture that is looked at did not come.
  get isMissing() {
    return this.#missing.has(this.viewer.currSlide?.content);
  }

  retry() {
    for (const content of this.#missing) {
      this.#load(content);
    }
  }

  #load(content) {
    const { element: image, data } = content;
    if (!image) {
      return;
    }
    content.state = "loading";
    image.alt = data.alt;
    image.onload = () => {
      image.hidden = false;
      this.#missing.delete(content);
      content.onLoaded();
      this.#say();
    };
    image.onerror = () => {
      image.hidden = true; // what stands in for it stays
      image.removeAttribute("src");
      this.#missing.add(content);
      this.#say();
    };
    image.src = data.src;
  }

  #settle() {
    this.#say();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => sharpen(this.viewer.currSlide?.content), SETTLED_MS);
  }

  #say() {
    document.dispatchEvent(new CustomEvent("viewer:pictures"));
  }
}

// What the grid shows of it, or its likeness.
function standIn({ id, blurhash, width, height, msrc }) {
  const shown = document.getElementById(id)?.querySelector("img");
  if (shown?.complete && shown.naturalWidth) {
    return shown.currentSrc;
  }
  return blurhash ? likenessOf(blurhash, height / width) : msrc;
}

// Browsers show the picture that is there until the next one is. Where that fails, they go back.
function sharpen(content) {
  const image = content?.element;
  if (content?.state !== "loaded" || image.srcset) {
    return;
  }
  image.onload = null;
  image.onerror = () => image.removeAttribute("srcset");
  chooseBySize(content);
  image.srcset = content.data.sources;
}

function chooseBySize({ element, displayedImageWidth }) {
  const width = Math.max(displayedImageWidth, parseInt(element.sizes, 10) || 0);
  element.sizes = `${width}px`;
}
