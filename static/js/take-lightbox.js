// What the viewer offers beside looking: heart, share sheet, and the faces to tap.

import { Faces } from "./faces.js";
import { fileOf, hearts } from "./take.js";
import { canShareFiles, Sharer } from "./sharing.js";

const form = document.querySelector("#take");
const HEART = '<path class="viewer-heart" d="M16 25s-8.5-5.2-8.5-11.5A4.9 4.9 0 0 1 16 10.300a4.9 4.9 0 0 1 8.5 3.200C24.5 19.8 16 25 16 25z" fill="none" stroke="#fff" stroke-width="2.2"/>';
const SHARE = '<path d="M16 20V7M11.5 11L16 6.500l4.5 4.500M10 15H8v10h16V15h-2" fill="none" stroke="#fff" stroke-width="2.2"/>';
const FACE = '<path d="M8 12V9.500A1.5 1.5 0 0 1 9.5 8H12M20 8h2.500A1.5 1.5 0 0 1 24 9.500V12M24 20v2.500a1.5 1.5 0 0 1-1.5 1.500H20M12 24H9.500A1.5 1.5 0 0 1 8 22.500V20M12.5 18.500c1 1.2 2.1 1.8 3.5 1.800s2.5-.6 3.5-1.800M13 13.500v.1M19 13.500v.1" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/>';

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

function register(viewer, name, order, title, path, onInit) {
  viewer.ui.registerElement({
    name,
    order,
    isButton: true,
    title,
    html: { isCustomSVG: true, inner: path, size: 32 },
    onInit,
  });
}

function addHeart(viewer) {
  register(viewer, "heart", 8.2, form.dataset.labelFavourite, HEART, (element) => {
    const paint = () => viewer.currSlide && element.setAttribute("aria-pressed", hearts.has(idOf(viewer)));
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
    element.addEventListener("click", async () => {
      element.disabled = true;
      const outcome = await sharer.share([fileOf(idOf(viewer))]);
      element.disabled = false;
      element.title = { shared: labelShare, ready: labelReady, failed: labelFailed }[outcome];
      element.setAttribute("aria-label", element.title);
      element.classList.toggle("is-ready", outcome === "ready");
    });
  });
}

function addFaces(viewer) {
  register(viewer, "faces", 8.6, form.dataset.labelFaces, FACE, (element) => {
    const faces = new Faces(viewer, form, element);
    element.setAttribute("aria-expanded", "false");
    element.addEventListener("click", () => faces.toggle(idOf(viewer)));
    viewer.on("change", () => faces.close());
    viewer.on("close", () => faces.close());
    viewer.on("destroy", () => faces.removeDenied());
  });
}
