import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

// The browser's, as far as the module asks for it.
let observer;
globalThis.IntersectionObserver = class {
  constructor(report) {
    this.report = report;
    this.observed = new Set();
    observer = this;
  }
  observe(image) {
    this.observed.add(image);
  }
  unobserve(image) {
    this.observed.delete(image);
  }
};
globalThis.requestAnimationFrame = (act) => setTimeout(act);

class Picture extends EventTarget {
  dataset = {};
  style = {};
  isConnected = true;
  complete = false;
  naturalWidth = 0;
  #attributes;

  constructor(attributes) {
    super();
    this.#attributes = new Map(Object.entries({ width: "300", height: "200", ...attributes }));
    this.dataset.blurhash = "LEHV6nWB2yk8pyo0adR*.7kCMdnj";
  }
  hasAttribute(name) {
    return this.#attributes.has(name);
  }
  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }
  removeAttribute(name) {
    this.#attributes.delete(name);
    if (name === "style") {
      this.style = {};
    }
  }
}

let images;
let pictures;

function part(members) {
  return {
    querySelectorAll: (selector) =>
      members.filter((one) => (selector.includes("data-src") ? "src" in one.dataset : true)),
  };
}

const comeNear = (...some) =>
  observer.report(some.map((target) => ({ target, isIntersecting: true })));
const goAway = (...some) =>
  observer.report(some.map((target) => ({ target, isIntersecting: false })));
const isLoading = (picture) => picture.src !== undefined;
// A browser tells of each picture once.
function end(picture, type = "load") {
  picture.isEnded = true;
  picture.dispatchEvent(new Event(type));
}

function endAll() {
  for (const picture of pictures.filter((one) => isLoading(one) && !one.isEnded)) {
    end(picture);
  }
}

before(async () => {
  images = await import("../../../static/photos/gallery/images.js");
});

beforeEach(async () => {
  pictures = Array.from(
    { length: 9 },
    (_, n) => new Picture({ src: `${n}.jpg`, srcset: `${n} 480w` }),
  );
  images.hold(part(pictures));
  await images.show(part(pictures));
});

test("a picture that is held has no source, and loses none when released", () => {
  const [picture] = pictures;
  assert.equal(picture.hasAttribute("src"), false);
  assert.equal(picture.loading, "eager");
  images.release(picture);
  assert.deepEqual([picture.src, picture.srcset], ["0.jpg", "0 480w"]);
  assert.deepEqual(Object.keys(picture.dataset), ["blurhash"]);
});

test("the source that a bucket is, is held and released with its picture", () => {
  const picture = new Picture({ src: "ours.jpg" });
  const source = new Picture({ srcset: "bucket 480w" });
  source.matches = (selector) => selector === "source";
  picture.previousElementSibling = source;
  images.hold(part([picture]));
  assert.equal(source.hasAttribute("srcset"), false);
  images.release(picture);
  assert.deepEqual([source.srcset, picture.src], ["bucket 480w", "ours.jpg"]);
});

test("six load at once, the latest first; each that ends makes room for one", () => {
  comeNear(...pictures);
  assert.deepEqual(pictures.map(isLoading), [
    false,
    false,
    false,
    true,
    true,
    true,
    true,
    true,
    true,
  ]);
  end(pictures[8]);
  end(pictures[7], "error");
  assert.deepEqual(pictures.map(isLoading), [
    false,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
  ]);
  endAll();
  endAll();
});

test("what was passed before its turn, or left the document, does not load", () => {
  comeNear(...pictures.slice(3));
  comeNear(...pictures.slice(0, 3));
  goAway(pictures[1]);
  pictures[2].isConnected = false;
  endAll();
  assert.deepEqual(pictures.slice(0, 3).map(isLoading), [true, false, false]);
  endAll();
});

test("a likeness is there until its picture is", () => {
  const [picture] = pictures;
  assert.match(picture.style.backgroundImage, /^url\(data:image\/bmp;base64,/);
  comeNear(picture);
  end(picture);
  assert.equal(picture.style.backgroundImage, undefined);
});

test("a picture that is there already gets no likeness", async () => {
  const loaded = Object.assign(new Picture(), { complete: true, naturalWidth: 480 });
  await images.show(part([loaded]));
  assert.deepEqual(loaded.style, {});
});
