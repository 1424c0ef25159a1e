// What PhotoSwipe shows beside a photo: buttons, and when it was taken.

import { DOWNLOAD } from "./viewer-icons.js";

// The id of the photo that is shown.
export function photoId(viewer) {
  return viewer.currSlide.data.id.slice("photo-".length);
}

export function addButton(viewer, button) {
  viewer.ui.registerElement({ isButton: true, ...button });
}

export function addDownload(viewer, label) {
  addButton(viewer, {
    name: "download",
    order: 8,
    tagName: "a",
    title: label,
    html: DOWNLOAD,
    onInit: (element) => {
      element.setAttribute("download", "");
      viewer.on("change", () => {
        const { download } = viewer.currSlide.data;
        element.hidden = !download;
        if (download) {
          element.href = download;
        }
      });
    },
  });
}

// When the photo was taken, as its tile says it.
export function addCaption(viewer) {
  viewer.ui.registerElement({
    name: "caption",
    order: 9,
    appendTo: "root",
    onInit: (element) => {
      viewer.on("change", () => (element.textContent = viewer.currSlide.data.alt));
    },
  });
}
