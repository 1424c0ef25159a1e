// A gallery page: its pages as one scroll, its photos in a viewer, and its renewal in place.

import htmx from "htmx.org";

import * as images from "./images.js";
import { Lightbox, loadViewer } from "./lightbox.js";
import { News } from "./news.js";
import { Pages, fetchDocument } from "./pages.js";

const gallery = document.querySelector(".gallery");
const root = document.querySelector("#photos");
export const pages = new Pages(root);
const lightbox = new Lightbox(gallery, pages);
// While the viewer is open the page has another.
const address = location.href;
document.addEventListener("photos:denied", ({ detail }) => {
  if ("ofMe" in gallery.dataset && detail.size) {
    drop(detail);
  }
});
// Soon needed, not needed first; who leaves before it came, or is offline, asks again by a tap.
window.addEventListener("load", () => setTimeout(() => loadViewer().catch(() => {}), 1000));

new News({
  hasPhotos: () => root.querySelector(".gallery-page") !== null,
  isViewing: () => lightbox.isOpen,
  renew,
});

// Above the photos, and there only if there are any.
function takeSpace(document_ = document) {
  return document_.querySelector(".selection-space");
}

// Takes photos out, and says how many there are now, or why there is none.
async function drop(ids) {
  pages.remove(ids);
  const fetched = await fetchDocument(address).catch(() => null); // offline: said at the next visit
  const count = fetched?.querySelector(".gallery-count");
  if (pages.items.length && count) {
    root.querySelector(".gallery-count").replaceWith(count);
  } else if (!pages.items.length && fetched) {
    show(fetched);
  }
}

// Shows the gallery from its beginning as it is now.
async function renew(from) {
  const fetched = await fetchDocument(from);
  show(fetched);
  document.dispatchEvent(new CustomEvent("photos:renewed", { detail: fetched }));
  return fetched;
}

// Tiles that were there stay, pictures and all.
function show(fetched) {
  const next = fetched.querySelector("#photos");
  images.hold(next);
  for (const tile of next.querySelectorAll(".tile")) {
    const shown = document.getElementById(tile.id);
    if (shown && shown.querySelector("img").hasAttribute("src")) {
      tile.replaceWith(shown);
    }
  }
  root.replaceChildren(...next.childNodes);
  takeSpace().hidden = takeSpace(fetched)?.hidden ?? true;
  htmx.process(root);
  pages.start();
}
