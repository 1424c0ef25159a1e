// What the viewer offers beside looking: heart, share sheet, and the faces to tap.

import { Faces } from "../../faces/guest/faces.js";
import { fileOf, hearts } from "./take.js";
import { canShareFiles, Sharer } from "./sharing.js";
import { FACE, HEART, SHARE } from "../gallery/viewer-icons.js";

const form = document.querySelector("#take");

if (form) {
  document.addEventListener("viewer:ui", ({ detail }) => addButtons(detail));
}

function addButtons(viewer) {
  addHeart(viewer);
  if (form.dataset.download && canShareFiles()) {
    addShare(viewer);
  }
  addFaces(viewer);
}

function idOf(viewer) {
  return viewer.currSlide.data.id.slice("photo-".length);
}

function register(viewer, name, order, title, html, onInit) {
  viewer.ui.registerElement({
    name,
    order,
    isButton: true,
    title,
    html,
    onInit,
  });
}

function addHeart(viewer) {
  register(viewer, "heart", 8.2, form.dataset.labelFavourite, HEART, (element) => {
    const paint = () =>
      viewer.currSlide && element.setAttribute("aria-pressed", hearts.has(idOf(viewer)));
    viewer.on("change", paint);
    hearts.addEventListener("change", paint);
    viewer.on("destroy", () => hearts.removeEventListener("change", paint));
    element.addEventListener("click", () => hearts.set([idOf(viewer)], !hearts.has(idOf(viewer))));
  });
}

function addShare(viewer) {
  const { labelShare, labelReady, labelFailed } = form.dataset;
  register(viewer, "share", 8.4, labelShare, SHARE, (element) => {
    const sharer = new Sharer();
    const say = (label) => {
      element.title = label;
      element.setAttribute("aria-label", label);
      element.classList.toggle("is-ready", label === labelReady);
    };
    element.addEventListener("click", async () => {
      const id = idOf(viewer);
      element.disabled = true;
      const outcome = await sharer.share([fileOf(id)]);
      element.disabled = false;
      if (viewer.currSlide && idOf(viewer) === id) {
        say({ shared: labelShare, ready: labelReady, failed: labelFailed }[outcome]);
      }
    });
    viewer.on("change", () => say(labelShare)); // what was said concerned another photo
  });
}

function addFaces(viewer) {
  register(viewer, "faces", 8.6, form.dataset.labelFaces, FACE, (element) => {
    const faces = new Faces(viewer, form, element);
    element.setAttribute("aria-expanded", "false");
    element.addEventListener("click", () => faces.toggle(idOf(viewer)));
    viewer.on("change", () => faces.close());
    viewer.on("close", () => faces.close());
    viewer.on("destroy", () => faces.tellDenied());
  });
}
