// The reveal: the server sends it once, with the first photos that are found. Here it comes in while
// the page is open, its count follows, and the photos that come after it slide in.

import * as images from "../../photos/gallery/images.js";

const place = document.querySelector(".reveal-place");
const known = new Set(ids());
let hadPhotos = known.size > 0;

if (place) {
  images.show(place);
  document.addEventListener("photos:renewed", ({ detail }) => follow(detail));
  document.addEventListener("htmx:afterSettle", rest);
  place.addEventListener("click", openTile);
  rest();
}

function ids() {
  return Array.from(document.querySelectorAll("#photos .tile"), (tile) => tile.id);
}

function follow(fetched) {
  const next = fetched.querySelector(".reveal-place");
  const shown = place.querySelector(".reveal-title");
  if (shown && next.dataset.found) {
    shown.textContent = next.dataset.found;
  } else if (!hadPhotos && isAtRest()) {
    place.replaceChildren(...next.childNodes);
    images.show(place);
  }
  for (const id of ids().filter((one) => !known.has(one))) {
    document.getElementById(id).classList.add("is-new");
    known.add(id);
  }
  hadPhotos ||= known.size > 0;
  rest();
}

// Never over what somebody is doing further down.
function isAtRest() {
  return window.scrollY < window.innerHeight / 4;
}

// The line that said how far it is has room of its own, which stays.
function rest() {
  const news = document.querySelector("#news");
  const isWaiting = news.querySelector("progress");
  if (isWaiting) {
    document.body.classList.add("has-waited");
  } else if (document.body.matches(".has-waited") && !news.querySelector(".progress-done")) {
    const done = document.createElement("p");
    done.className = "progress-done";
    done.textContent = place.dataset.done;
    news.prepend(done);
  }
}

// In the viewer, where the photo is in the gallery below; else on its own page.
function openTile(event) {
  const link = event.target.closest("[data-tile]");
  const tile = link && document.querySelector(`#${link.dataset.tile} > a`);
  if (tile && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    tile.click();
  }
}
