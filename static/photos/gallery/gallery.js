// A gallery page: its pages as one scroll, its photos in a viewer, and its renewal in place.

import { process } from "../../site/htmx.js";
import { Density } from "./density.js";
import * as images from "./images.js";
import { Lightbox, loadViewer } from "./lightbox.js";
import { News } from "./news.js";
import { Pages, fetchDocument } from "./pages.js";
import { Place } from "./place.js";
import { Scrubber } from "./scrubber.js";

const gallery = document.querySelector(".gallery");
const root = document.querySelector("#photos");
export const pages = new Pages(root);
const lightbox = new Lightbox(gallery, pages);
new Place(pages);
new Density(gallery, pages);
new Scrubber(gallery, pages);
// While one scrolls, or the viewer is open, the page has another.
const address = location.href;
document.addEventListener("photos:denied", ({ detail }) => {
  if ("ofMe" in gallery.dataset && detail.size) {
    drop(detail);
  }
});
// Soon needed, not needed first: when the first pictures are here, or a finger is on one of them. Who
// leaves before it came, or is offline, asks again by a tap.
window.addEventListener("load", () => loadViewer().catch(() => {}));

new News({
  address,
  hasPhotos: () => root.querySelector(".gallery-page") !== null,
  isViewing: () => lightbox.isOpen,
  renew,
});

// The line above the photos says what is so now. What is being chosen stays.
function renewTools(fetched) {
  const [tools, next] = [document, fetched].map((where) => where.querySelector(".tools"));
  if (!tools) {
    return;
  }
  tools.hidden = next?.hidden ?? true;
  for (const part of [".gallery-count", ".tools-ways"]) {
    const renewed = next?.querySelector(part);
    if (renewed) {
      tools.querySelector(part).replaceWith(renewed);
    }
  }
  process(tools);
}

// Takes photos out, and says how many there are now, or why there is none.
async function drop(ids) {
  pages.remove(ids);
  const fetched = await fetchDocument(address).catch(() => null); // offline: said at the next visit
  if (pages.items.length && fetched) {
    renewTools(fetched);
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
  const [none, nextNone] = [document, fetched].map((where) => where.querySelector("#why-none"));
  none?.replaceChildren(...(nextNone?.childNodes ?? []));
  renewTools(fetched);
  process(root);
  pages.start();
}
