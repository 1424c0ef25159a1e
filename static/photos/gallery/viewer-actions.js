// What can be done with the photo in the viewer: its heart, and the phone's share sheet.

import { canShareFiles, Sharer } from "../delivery/sharing.js";
import { fileOf, hearts } from "./selection-bar.js";
import { addButton, photoId } from "./viewer-buttons.js";
import { HEART, SHARE } from "./viewer-icons.js";

const form = document.querySelector("#selection");

if (form) {
  document.addEventListener("viewer:ui", ({ detail: viewer }) => {
    addHeart(viewer);
    if (form.dataset.download && canShareFiles()) {
      addShare(viewer);
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
  const title = form.dataset.labelFavourite;
  addButton(viewer, { name: "heart", order: 8.2, title, html: HEART, onInit });
}

function addShare(viewer) {
  const { labelShare, labelReady, labelFailed } = form.dataset;
  const onInit = (element) => {
    const sharer = new Sharer();
    const say = (label) => {
      element.title = label;
      element.setAttribute("aria-label", label);
      element.classList.toggle("is-ready", label === labelReady);
    };
    element.addEventListener("click", async () => {
      const id = photoId(viewer);
      element.disabled = true;
      const outcome = await sharer.share([fileOf(id)]);
      element.disabled = false;
      if (viewer.currSlide && photoId(viewer) === id) {
        say({ shared: labelShare, ready: labelReady, failed: labelFailed }[outcome]);
      }
    });
    viewer.on("change", () => say(labelShare)); // what was said concerned another photo
  };
  addButton(viewer, { name: "share", order: 8.4, title: labelShare, html: SHARE, onInit });
}
