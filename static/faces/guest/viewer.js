// The viewer's button that shows the faces of a photo.

import { addButton, photoId } from "../../photos/gallery/viewer-buttons.js";
import { icon } from "../../photos/gallery/viewer-icons.js";
import { Faces } from "./faces.js";

const FACE = icon(
  '<path d="M8 12V9.5A1.5 1.5 0 0 1 9.5 8H12M20 8h2.5A1.5 1.5 0 0 1 24 9.5V12M24 20v2.5a1.5 1.5 0 0 1-1.5 1.5H20M12 24H9.5A1.5 1.5 0 0 1 8 22.5V20M12.5 18.5c1 1.2 2.1 1.8 3.5 1.8s2.5-.6 3.5-1.8M13 13.5v.1M19 13.5v.1"/>',
);

const form = document.querySelector("#selection");

if (form) {
  document.addEventListener("viewer:ui", ({ detail: viewer }) => addFaces(viewer));
}

function addFaces(viewer) {
  const onInit = (element) => {
    const faces = new Faces(viewer, form, element);
    element.setAttribute("aria-expanded", "false");
    element.addEventListener("click", () => faces.toggle(photoId(viewer)));
    viewer.on("change", () => faces.close());
    viewer.on("close", () => faces.close());
    viewer.on("destroy", () => faces.tellDenied());
  };
  const { labelFaces: title, labelFacesWord: word } = form.dataset;
  addButton(viewer, { name: "faces", order: 8.6, title, word, html: FACE, onInit });
}
