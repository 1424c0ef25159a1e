// Selecting photos in a gallery, and their hearts. Tiles come and go while one scrolls: what is
// selected is kept here, and every tile that appears is given its controls.

import { canShareFiles } from "../delivery/sharing.js";
import { canTakeHome, prepare, save, share } from "../delivery/taking-home.js";
import { pages } from "./gallery.js";
import { Hearts } from "./hearts.js";
import { Selection } from "./selection.js";
import { SelectionHistory } from "./selection-history.js";
import { SelectionTouch } from "./selection-touch.js";

const TILE = ".photo-grid > li[id^='photo-']";

const form = document.querySelector("#selection");
const gallery = document.querySelector(".gallery");
export const hearts = form ? new Hearts(form) : null;
const selection = new Selection();
let past = null;

if (form && gallery) {
  start();
}

function start() {
  decorate(gallery);
  new MutationObserver(decorateNew).observe(gallery, { childList: true, subtree: true });
  hearts.addEventListener("change", paintHearts);
  hearts.load();
  // In the capture phase: before the links and the viewer.
  gallery.addEventListener("click", onClick, true);
  document.addEventListener("keydown", onKey);
  button("select").addEventListener("click", () => setSelecting(true));
  button("cancel").addEventListener("click", () => setSelecting(false));
  button("favourite").addEventListener("click", markSelected);
  button("share")?.addEventListener("click", () => takeSelected(() => share(form)));
  form.addEventListener("submit", onSubmit);
  past = new SelectionHistory({ begin: () => setSelecting(true), end: () => setSelecting(false) });
  gallery.classList.add("takes-fingers");
  new SelectionTouch(gallery, { tileAt, hold, over });
  button("select").hidden = false;
  window.addEventListener("pageshow", ({ persisted }) => persisted && setSelecting(false));
}

function button(name) {
  return form.querySelector(`[data-action="${name}"]`);
}

function idOf(tile) {
  return tile.id.slice("photo-".length);
}

function isSelecting() {
  return form.classList.contains("is-selecting");
}

function decorateNew(changes) {
  for (const { addedNodes } of changes) {
    [...addedNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE).forEach(decorate);
  }
}

// A tile that was put away comes back with controls as they were then: they are made anew.
function decorate(element) {
  const tiles = element.matches(TILE) ? [element] : element.querySelectorAll(TILE);
  for (const tile of tiles) {
    tile.querySelectorAll(".tile-check, .tile-heart").forEach((control) => control.remove());
    tile.append(makeHeart(tile));
    if (isSelecting()) {
      tile.append(makeCheck(tile));
    }
    paintTile(tile);
  }
}

function makeCheck(tile) {
  const check = document.createElement("input");
  check.type = "checkbox";
  check.className = "tile-check";
  check.setAttribute("aria-label", `${form.dataset.labelSelect}: ${altOf(tile)}`);
  return check;
}

function makeHeart(tile) {
  const heart = document.createElement("button");
  heart.type = "button";
  heart.className = "tile-heart";
  heart.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${form.dataset.icons}#heart"/></svg>`;
  heart.setAttribute("aria-label", `${form.dataset.labelFavourite}: ${altOf(tile)}`);
  heart.setAttribute("aria-pressed", hearts.has(idOf(tile)));
  return heart;
}

function paintTile(tile) {
  const isSelected = selection.has(idOf(tile));
  tile.classList.toggle("is-selected", isSelected);
  const check = tile.querySelector(".tile-check");
  if (check) {
    check.checked = isSelected;
  }
}

function altOf(tile) {
  return tile.querySelector("img")?.alt ?? "";
}

function paintHearts() {
  for (const heart of gallery.querySelectorAll(".tile-heart")) {
    heart.setAttribute("aria-pressed", hearts.has(idOf(heart.closest("li"))));
  }
}

function onClick(event) {
  const tile = event.target.closest(TILE);
  if (!tile) {
    return;
  }
  const heart = event.target.closest(".tile-heart");
  if (heart) {
    hearts.toggle([idOf(tile)]);
  } else if (isSelecting()) {
    toggle(tile, event.shiftKey);
  } else {
    return;
  }
  event.stopPropagation();
  if (!event.target.matches(".tile-check")) {
    event.preventDefault();
  }
}

// With shift a range, with what is put away between its ends too.
function toggle(tile, isRange) {
  selection.toggle(idOf(tile), pages.items.map(idOf), isRange);
  paintSelection();
}

// Also below the bar at the thumb, where a finger goes on.
function tileAt(x, y) {
  const tiles = document.elementsFromPoint(x, y).map((one) => one.closest(TILE));
  return tiles.find((tile) => tile && gallery.contains(tile));
}

// A finger that rests on a photo; the heart on it is a button of its own.
function hold(tile) {
  setSelecting(true);
  selection.beginDrag(idOf(tile));
  paintSelection();
}

function over(tile) {
  selection.dragTo(idOf(tile), pages.items.map(idOf));
  paintSelection();
}

function setSelecting(on) {
  if (on === isSelecting()) {
    return;
  }
  // What it takes away has the focus after a key or a tap on it; a finger that rests has none.
  const takesFocus = document.activeElement.matches(".tile-check, #selection *");
  keepSpace(on);
  selection.clear();
  form.classList.toggle("is-selecting", on);
  form.classList.toggle("thumb-bar", on);
  gallery.classList.toggle("is-selecting", on);
  decorate(gallery);
  for (const name of ["select", "all"]) {
    button(name)?.toggleAttribute("hidden", on);
  }
  for (const name of ["favourite", "download", "cancel"]) {
    button(name)?.toggleAttribute("hidden", !on);
  }
  button("share")?.toggleAttribute("hidden", !on || !canShareFiles());
  paintSelection();
  if (takesFocus) {
    button(on ? "cancel" : "select").focus({ preventScroll: true });
  }
  if (on) {
    document.dispatchEvent(new Event("photos:choosing"));
    past.begin();
    prepare().catch(() => {}); // heard of when it is needed
  } else {
    past.end();
  }
}

// The bar goes to the bottom of the screen; what is below its place does not jump.
function keepSpace(on) {
  const space = form.parentElement;
  const { offsetHeight, offsetWidth } = space;
  space.style.height = on ? `${offsetHeight}px` : "";
  space.style.width = on ? `${offsetWidth}px` : "";
}

function paintSelection() {
  gallery.querySelectorAll(TILE).forEach(paintTile);
  say(isSelecting() ? selection.count(form.dataset) : "");
  for (const name of ["favourite", "download", "share"]) {
    button(name)?.toggleAttribute("disabled", selection.size === 0);
  }
}

function say(words, isFailed = false) {
  const count = form.querySelector(".selection-count");
  count.textContent = words;
  count.classList.toggle("is-failed", isFailed);
}

function onKey(event) {
  if (event.key === "Escape" && isSelecting() && !document.querySelector(".pswp")) {
    setSelecting(false);
  }
}

function onSubmit(event) {
  form.elements.photos.value = selection.ids.join();
  if (canTakeHome()) {
    event.preventDefault();
    takeSelected(() => save(form, event.submitter));
  }
}

// Selecting ends when it has begun.
async function takeSelected(take) {
  form.elements.photos.value = selection.ids.join();
  try {
    if (await take()) {
      setSelecting(false);
    }
  } catch {
    // Offline, before what it takes was loaded.
    say(form.dataset.labelFailed, true);
  }
}

async function markSelected() {
  if (await hearts.toggle(selection.ids)) {
    setSelecting(false);
  }
}

export function fileOf(id) {
  return form.dataset.download.replace("/0/", `/${id}/`);
}
