// Pictures of a gallery: a blurred likeness at once, the picture when its turn comes.
// A fling through a gallery passes hundreds of pictures; phones stall when all load at once.

import { decode } from "blurhash";

import { likeness } from "./likeness.js";

const AT_ONCE = 6;
// How long likenesses are painted in one go: half of what a frame has.
const PAINT_MS = 8;
const SOURCES = ["srcset", "src"];

const wanted = new Set();
let loading = 0;

const nearby = new IntersectionObserver(follow, { rootMargin: "100% 0px" });

// Takes the pictures of a fragment that is not in the document yet: none loads by itself.
export function hold(fragment) {
  for (const image of fragment.querySelectorAll("img[data-blurhash]")) {
    for (const element of withSource(image)) {
      for (const name of SOURCES.filter((one) => element.hasAttribute(one))) {
        element.dataset[name] = element.getAttribute(name);
        element.removeAttribute(name);
      }
    }
    image.loading = "eager";
  }
}

// Gives a picture its sources. In one go: what it then loads is chosen once, from all of them.
export function release(image) {
  for (const element of withSource(image)) {
    for (const name of SOURCES.filter((one) => one in element.dataset)) {
      element[name] = element.dataset[name];
      delete element.dataset[name];
    }
  }
}

// An image, after the source that its bucket is.
function withSource(image) {
  const source = image.previousElementSibling;
  return source?.matches("source") ? [source, image] : [image];
}

// Shows likenesses in a part of the document, and loads what `hold` held as it comes near.
export async function show(root) {
  for (const image of root.querySelectorAll("img[data-src]")) {
    nearby.observe(image);
  }
  let pauseAt = performance.now() + PAINT_MS;
  for (const image of root.querySelectorAll("img[data-blurhash]")) {
    if (performance.now() > pauseAt) {
      await new Promise(requestAnimationFrame); // what is scrolled goes on
      pauseAt = performance.now() + PAINT_MS;
    }
    if (image.isConnected && !isLoaded(image)) {
      paint(image);
    }
  }
}

function follow(entries) {
  for (const { target: image, isIntersecting } of entries) {
    if (isIntersecting) {
      wanted.add(image);
    } else {
      wanted.delete(image);
    }
  }
  loadNext();
}

// The latest first: after a fling that is what is on the screen.
function loadNext() {
  const queue = [...wanted];
  while (loading < AT_ONCE && queue.length) {
    const image = queue.pop();
    wanted.delete(image);
    nearby.unobserve(image);
    if (image.isConnected) {
      load(image);
    }
  }
}

function load(image) {
  loading += 1;
  const ended = () => {
    loading -= 1;
    loadNext();
  };
  image.addEventListener("load", ended, { once: true });
  image.addEventListener("error", ended, { once: true });
  release(image);
}

function paint(image) {
  const hash = image.dataset.blurhash;
  if (!hash) {
    return;
  }
  // From the attributes: asked of the image itself, the page is laid out anew for each.
  const ratio = image.getAttribute("height") / image.getAttribute("width");
  image.style.backgroundImage = `url(${likeness(decode, hash, ratio)})`;
  image.addEventListener("load", () => forget(image), { once: true });
}

// A picture whose likeness is not needed any more.
export function forget(image) {
  image.removeAttribute("style");
}

function isLoaded(image) {
  return image.complete && image.naturalWidth > 0;
}
