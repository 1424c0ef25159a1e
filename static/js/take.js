// Choosing photos in a gallery, and their hearts. Tiles come and go while one scrolls: what is chosen
// is kept here, and every tile that appears is given its controls.

import { Hearts } from "./hearts.js";
import { canShareFiles, shareButton } from "./sharing.js";

// Share sheets take few files, and a phone holds all of them in memory.
const MOST_SHARED = 20;

const form = document.querySelector("#take");
const gallery = document.querySelector(".gallery");
export const hearts = form ? new Hearts(form) : null;
const chosen = new Set();
let lastChosen = null;

if (form && gallery) {
  start();
}

function start() {
  decorate();
  new MutationObserver(decorate).observe(gallery, { childList: true, subtree: true });
  hearts.addEventListener("change", paintHearts);
  hearts.load();
  // In the capture phase: before the links and the viewer.
  gallery.addEventListener("click", onClick, true);
  document.addEventListener("keydown", onKey);
  button("select").addEventListener("click", () => setSelecting(true));
  button("cancel").addEventListener("click", () => setSelecting(false));
  button("favourite").addEventListener("click", markChosen);
  form.addEventListener("submit", onSubmit);
  window.addEventListener("pageshow", () => setSelecting(false));
  if (button("share")) {
    shareButton(button("share"), form.dataset, chosenFiles);
  }
}

function button(name) {
  return form.querySelector(`[data-take="${name}"]`);
}

function tiles() {
  return [...gallery.querySelectorAll(".photo-grid > li[id^='photo-']")];
}

function idOf(tile) {
  return tile.id.slice("photo-".length);
}

function isSelecting() {
  return form.classList.contains("is-selecting");
}

function decorate() {
  for (const tile of tiles()) {
    if (!tile.querySelector(".tile-heart")) {
      tile.append(makeCheck(tile), makeHeart(tile));
    }
  }
}

function makeCheck(tile) {
  const check = document.createElement("input");
  check.type = "checkbox";
  check.className = "tile-check";
  check.checked = chosen.has(idOf(tile));
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

function altOf(tile) {
  return tile.querySelector("img")?.alt ?? "";
}

function paintHearts() {
  for (const heart of gallery.querySelectorAll(".tile-heart")) {
    heart.setAttribute("aria-pressed", hearts.has(idOf(heart.closest("li"))));
  }
}

function onClick(event) {
  const tile = event.target.closest(".photo-grid > li[id^='photo-']");
  if (!tile) {
    return;
  }
  const heart = event.target.closest(".tile-heart");
  if (heart) {
    hearts.set([idOf(tile)], !hearts.has(idOf(tile)));
  } else if (isSelecting()) {
    choose(tile, event.shiftKey);
  } else {
    return;
  }
  event.stopPropagation();
  if (!event.target.matches(".tile-check")) {
    event.preventDefault();
  }
}

// With shift: everything from the one chosen before to this one.
function choose(tile, isRange) {
  const on = !chosen.has(idOf(tile));
  const all = tiles();
  const from = all.findIndex((other) => idOf(other) === lastChosen);
  const to = all.indexOf(tile);
  const range = isRange && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [tile];
  for (const one of range) {
    if (on) {
      chosen.add(idOf(one));
    } else {
      chosen.delete(idOf(one));
    }
  }
  lastChosen = idOf(tile);
  paintChosen();
}

function setSelecting(on) {
  const had = isSelecting();
  if (on !== had) {
    keepSpace(on);
  }
  chosen.clear();
  form.classList.toggle("is-selecting", on);
  gallery.classList.toggle("is-selecting", on);
  button("select").hidden = on;
  for (const name of ["favourite", "download", "cancel"]) {
    button(name)?.toggleAttribute("hidden", !on);
  }
  button("all")?.toggleAttribute("hidden", on);
  button("share")?.toggleAttribute("hidden", !on || !canShareFiles());
  paintChosen();
  if (on !== had) {
    button(on ? "cancel" : "select").focus({ preventScroll: true });
  }
}

// The bar goes to the bottom of the screen; what is below its place does not jump.
function keepSpace(on) {
  const space = form.parentElement;
  space.style.height = on ? `${space.offsetHeight}px` : "";
}

function paintChosen() {
  for (const check of gallery.querySelectorAll(".tile-check")) {
    check.checked = chosen.has(idOf(check.closest("li")));
  }
  const { labelOne, labelMany } = form.dataset;
  const words = chosen.size === 1 ? labelOne : labelMany.replace("{}", chosen.size);
  form.querySelector(".take-count").textContent = isSelecting() ? words : "";
  for (const name of ["favourite", "download"]) {
    button(name)?.toggleAttribute("disabled", chosen.size === 0);
  }
  button("share")?.toggleAttribute("disabled", chosen.size === 0 || chosen.size > MOST_SHARED);
}

function onKey(event) {
  if (event.key === "Escape" && isSelecting() && !document.querySelector(".pswp")) {
    setSelecting(false);
  }
}

function onSubmit() {
  form.elements.photos.value = [...chosen].join();
}

async function markChosen() {
  const ids = [...chosen];
  const on = ids.some((id) => !hearts.has(id));
  if (await hearts.set(ids, on)) {
    setSelecting(false);
  }
}

function chosenFiles() {
  const size = form.elements.size ? `?size=${form.elements.size.value}` : "";
  return [...chosen].map((id) => fileOf(id) + size);
}

export function fileOf(id) {
  return form.dataset.download.replace("/0/", `/${id}/`);
}
