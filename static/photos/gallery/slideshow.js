// The newest photos in turn. What is hidden leaves the screen with the next refresh of the list.

const SHOWN_MS = 6000;
const REFRESH_MS = 2000;
// Where nobody answers, a wall of screens does not ask as often as it would of a server that is well.
const LONGEST_WAIT_MS = 30000;
const IDLE_MS = 3000;
const FADE_MS = 1300;

const show = document.querySelector("#show");
const stage = show.querySelector(".stage");
let slides = [];
let known = new Set();
let current = Number(stage.querySelector("img")?.dataset.id) || null;
let isPaused = false;
let turn = 0;
let idle = 0;
let wait = REFRESH_MS;

keepFresh();
schedule();
stayAwake();
controls();

// One question at a time, and none of a page that nobody sees.
async function keepFresh() {
  if (!document.hidden) {
    const isLost = !(await refresh());
    wait = isLost ? Math.min(2 * wait, LONGEST_WAIT_MS) : REFRESH_MS;
  }
  setTimeout(keepFresh, document.hidden ? REFRESH_MS : wait);
}

// New photos come next; who is gone goes at once. False where nobody answered.
async function refresh() {
  let found;
  try {
    const response = await fetch(show.dataset.slides);
    if (response.status === 404) {
      location.reload(); // the link was replaced: show nothing more
      return true;
    }
    found = (await response.json()).slides;
    show.querySelector(".lost").hidden = true;
  } catch {
    show.querySelector(".lost").hidden = false;
    return false;
  }
  slides = found;
  const ids = new Set(slides.map((slide) => slide.id));
  const fresh = slides.find((slide) => !known.has(slide.id));
  const isFirstLook = known.size === 0;
  known = ids;
  show.querySelector(".empty").hidden = slides.length > 0;
  if (current !== null && !ids.has(current)) {
    stage.replaceChildren();
    current = null;
    next();
  } else if (current === null || (fresh && !isFirstLook && !isPaused)) {
    next(fresh);
  }
  return true;
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
  const place = slides.findIndex((slide) => slide.id === current);
  return slides[(place + 1) % slides.length];
}

async function put(slide) {
  const image = new Image();
  image.className = "slide";
  image.alt = "";
  image.src = slide.url;
  try {
    await image.decode();
  } catch {
    schedule(); // hidden meanwhile, or the connection is gone: the next refresh knows
    return;
  }
  if (!known.has(slide.id)) {
    return; // hidden while it was loading
  }
  const before = [...stage.children];
  stage.append(image);
  image.offsetWidth; // so that the change below is a change
  image.classList.add("is-shown");
  image.dataset.id = slide.id;
  current = slide.id;
  setTimeout(() => before.forEach((old) => old.remove()), FADE_MS);
  schedule();
}

function schedule() {
  clearTimeout(turn);
  turn = setTimeout(() => (isPaused ? schedule() : next()), SHOWN_MS);
}

async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    return; // the browser decides; the screen's own settings remain
  }
}

function controls() {
  const does = { pause: togglePause, full: toggleFullScreen };
  for (const button of show.querySelectorAll("[data-does]")) {
    button.addEventListener("click", () => does[button.dataset.does]());
  }
  document.addEventListener("keydown", (event) => {
    const act = { " ": togglePause, f: toggleFullScreen, ArrowRight: () => next() }[event.key];
    if (act && event.target === document.body) {
      event.preventDefault();
      act();
    }
  });
  document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
  ["pointermove", "keydown"].forEach((type) => document.addEventListener(type, wake));
  wake();
}

function togglePause() {
  isPaused = !isPaused;
  show.querySelector("[data-does=pause]").ariaPressed = String(isPaused);
}

function toggleFullScreen() {
  if (document.fullscreenElement) {
    document.exitFullscreen();
  } else {
    document.documentElement.requestFullscreen();
  }
}

function wake() {
  clearTimeout(idle);
  document.body.classList.remove("is-idle");
  idle = setTimeout(() => document.body.classList.add("is-idle"), IDLE_MS);
}
