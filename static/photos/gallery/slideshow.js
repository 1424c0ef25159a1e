// The newest photos in turn. What is hidden leaves the screen with the next refresh of the list.

import { controls, toggleFullScreen } from "./slideshow-controls.js";
import { fadeTo, fill, keepOnly, layerOf, settled } from "./slideshow-layers.js";

const SHOWN_MS = 6000;
const REFRESH_MS = 2000;
// Where nobody answers, a wall of screens does not ask as often as it would of a server that is well.
const LONGEST_WAIT_MS = 30000;

const show = document.querySelector("#show");
const stage = show.querySelector(".stage");
const first = stage.querySelector(".slide");
let slides = [];
let known = new Set();
let current = first ? Number(first.dataset.id) : null;
// The photo that is being fetched, and the last one that was asked for: one that cannot be had is
// passed over.
let coming = null;
let asked = current;
let isPaused = false;
let turn = 0;
let wait = REFRESH_MS;

if (first) {
  fill(first);
}
keepFresh();
schedule();
controls(show, { pause: togglePause, full: toggleFullScreen, next: () => next() });

// One question at a time, and none of a page that nobody sees.
async function keepFresh() {
  if (!document.hidden) {
    const isLost = !(await refresh());
    wait = isLost ? Math.min(2 * wait, LONGEST_WAIT_MS) : REFRESH_MS;
  }
  setTimeout(keepFresh, document.hidden ? REFRESH_MS : wait);
}

// False where nobody answered.
async function refresh() {
  let found;
  try {
    const response = await fetch(show.dataset.slides);
    if (response.status === 404) {
      location.reload(); // the link was replaced: show nothing more
      return true;
    }
    found = await response.json();
  } catch {
    show.querySelector(".lost").hidden = false;
    return false;
  }
  show.querySelector(".lost").hidden = true;
  showCode(found.qr);
  follow(found.slides);
  return true;
}

// New photos come next; who is gone goes at once.
function follow(found) {
  slides = found;
  const ids = new Set(slides.map((slide) => slide.id));
  const fresh = slides.find((slide) => !known.has(slide.id));
  const isFirstLook = known.size === 0;
  known = ids;
  show.querySelector(".empty").hidden = slides.length > 0;
  keepOnly(stage, ids);
  const isNew = fresh && !isFirstLook;
  if (!ids.has(current)) {
    current = null;
    if (isNew || coming === null) {
      next(isNew ? fresh : undefined);
    }
  } else if (isNew && !isPaused) {
    next(fresh);
  }
}

// Nobody can join any more, or with another code.
function showCode(address) {
  show.querySelector(".join").hidden = !address;
  const image = show.querySelector(".code");
  if (address && image.getAttribute("src") !== address) {
    image.src = address;
  }
}

function next(slide = following()) {
  clearTimeout(turn);
  if (slide && slide.id !== current) {
    put(slide);
  } else {
    schedule();
  }
}

// Backwards in time, and then from the newest again.
function following() {
  const place = slides.findIndex((slide) => slide.id === asked);
  return slides[(place + 1) % slides.length];
}

// Fetched and decoded before it is seen, and never while two are.
async function put(slide) {
  if (coming === slide.id) {
    return;
  }
  coming = asked = slide.id;
  const layer = await layerOf(slide, stage.dataset.by);
  await settled();
  if (coming !== slide.id) {
    return; // another one is: it has the next turn
  }
  coming = null;
  if (layer && known.has(slide.id)) {
    current = slide.id;
    fadeTo(stage, layer);
  }
  schedule();
}

function schedule() {
  clearTimeout(turn);
  turn = setTimeout(() => (isPaused ? schedule() : next()), SHOWN_MS);
}

function togglePause() {
  isPaused = !isPaused;
  stage.classList.toggle("is-paused", isPaused);
  show.querySelector("[data-does=pause]").ariaPressed = String(isPaused);
}
