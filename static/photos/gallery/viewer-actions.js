// What can be done with the photo in the viewer: its heart, also by two taps, saving and sharing.

import { canSaveToPhotos, canShareFiles, Sharer } from "../delivery/sharing.js";
import { chosenSize, hasSizes, sizeToSend, withSize } from "../delivery/sizes.js";
import { fileOf, hearts } from "./selection-bar.js";
import { addButton, photoId } from "./viewer-buttons.js";
import { HEART, SHARE } from "./viewer-icons.js";

// As long as a heart is seen that two taps gave.
const BURST_MS = 700;
const form = document.querySelector("#selection");

if (form) {
  document.addEventListener("viewer:ui", ({ detail: viewer }) => {
    addHeart(viewer);
    if (form.dataset.download && canShareFiles()) {
      addShare(viewer);
    }
    if (form.dataset.download) {
      viewer.on("afterInit", () => askForSize(viewer));
    }
  });
}

function addHeart(viewer) {
  const onInit = (element) => {
    const paint = () =>
      viewer.currSlide && element.setAttribute("aria-pressed", hearts.has(photoId(viewer)));
    viewer.on("change", paint);
    hearts.addEventListener("change", paint);
    viewer.on("destroy", () => hearts.removeEventListener("change", paint));
    element.addEventListener("click", () => hearts.toggle([photoId(viewer)]));
  };
  const { labelFavourite: title, labelHeart: word } = form.dataset;
  addButton(viewer, { name: "heart", order: 8.2, title, word, html: HEART, onInit });
  // Fingers zoom with two; a mouse has clicks, which PhotoSwipe hears of as such.
  viewer.options.doubleTapAction = (point) => giveHeart(viewer, point);
}

// Only given: two taps too many take nothing away.
function giveHeart(viewer, { x, y }) {
  hearts.set([photoId(viewer)], true);
  const burst = document.createElement("div");
  burst.className = "viewer-burst";
  burst.innerHTML = HEART;
  Object.assign(burst.style, { left: `${x}px`, top: `${y}px` });
  viewer.element.append(burst);
  setTimeout(() => burst.remove(), BURST_MS);
}

function addShare(viewer) {
  const { labelShare: title, labelShare: word } = form.dataset;
  const onInit = (element) => {
    // What was said concerned another photo.
    const say = handOver(viewer, element, () => withSize(fileOf(photoId(viewer)), sizeToSend()));
    viewer.on("change", () => say("shared"));
  };
  addButton(viewer, { name: "share", order: 8.4, title, word, html: SHARE, onInit });
}

// A button by which the share sheet gets the photo. Returns what says how it went.
function handOver(viewer, element, address) {
  const { labelReady, labelFailed } = form.dataset;
  const { title, ariaLabel } = element;
  const sharer = new Sharer();
  const say = (outcome) => {
    const label = { ready: labelReady, failed: labelFailed }[outcome];
    element.title = label ?? title;
    element.setAttribute("aria-label", label ?? ariaLabel);
    element.classList.toggle("is-ready", outcome === "ready");
  };
  element.addEventListener("click", async (event) => {
    event.preventDefault();
    const id = photoId(viewer);
    const wanted = await address();
    if (!wanted) {
      return;
    }
    element.setAttribute("aria-busy", "true");
    const outcome = await sharer.share([wanted]);
    element.removeAttribute("aria-busy");
    if (viewer.currSlide && photoId(viewer) === id) {
      say(outcome);
    }
  });
  return say;
}

// Where photos are saved by the share sheet it gets this one; elsewhere the link leads to it.
function askForSize(viewer) {
  const link = viewer.element.querySelector(".pswp__button--download");
  if (canSaveToPhotos()) {
    const say = handOver(viewer, link, async () => {
      const size = await chosenSize();
      return size === null ? "" : withSize(fileOf(photoId(viewer)), size);
    });
    viewer.on("change", () => say("shared"));
  } else if (hasSizes()) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      const size = await chosenSize();
      if (size) {
        const href = withSize(fileOf(photoId(viewer)), size);
        Object.assign(document.createElement("a"), { href, download: "" }).click();
      }
    });
  }
}
