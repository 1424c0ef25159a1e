// What PhotoSwipe shows beside a photo: what one can do with it, at the thumb where the screen is
// narrow. Buttons have their words below them there, and as a title elsewhere.

import { DOWNLOAD } from "./viewer-icons.js";

// The id of the photo that is shown.
export function photoId(viewer) {
  return viewer.currSlide.data.id.slice("photo-".length);
}

// `word`: what the button is called, by those too who speak to it; the title says more.
export function addButton(viewer, { word, title, html, className = "", onInit, ...button }) {
  viewer.ui.registerElement({
    isButton: true,
    className: `pswp__button--${button.name} viewer-action ${className}`,
    title,
    html: `${html}<span class="viewer-word" aria-hidden="true">${word}</span>`,
    ...button,
    onInit: (element) => {
      element.setAttribute("aria-label", word);
      onInit(element);
    },
  });
}

// In a bar of their own, when PhotoSwipe has made them.
export function gatherButtons(viewer) {
  viewer.on("afterInit", () => {
    const bar = document.createElement("div");
    bar.className = "viewer-actions";
    bar.append(...viewer.element.querySelectorAll(".viewer-action"));
    viewer.element.querySelector(".viewer-foot").append(bar);
  });
}

// A link, so that it can be opened elsewhere; whoever asks for a size first takes the click over.
export function addDownload(viewer, { labelDownload, labelSave }) {
  addButton(viewer, {
    name: "download",
    order: 8,
    tagName: "a",
    title: labelDownload,
    word: labelSave,
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
