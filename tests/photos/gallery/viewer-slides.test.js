import assert from "node:assert/strict";
import { test } from "node:test";

import { longestSides, slideOf } from "../../../static/photos/gallery/viewer-slides.js";

const SIDES = longestSides({ thumbnailSide: "300", mediumSide: "600", previewSide: "1500" });
const photo = (width, height, medium = "m.jpg") => ({
  id: "photo-1",
  thumbnail: "t.jpg",
  medium,
  preview: "p.jpg",
  width,
  height,
});

test("each picture has the width that the server's sides make", () => {
  const slide = slideOf(photo(3000, 2000), SIDES);
  assert.equal(slide.sources, "m.jpg 600w, p.jpg 1500w");
  assert.deepEqual([slide.width, slide.height], [1500, 1000]);
});

test("sides are those of the longest side", () => {
  assert.equal(slideOf(photo(2000, 3000), SIDES).sources, "m.jpg 400w, p.jpg 1000w");
});

test("a small photo is not enlarged, and has no medium picture", () => {
  const slide = slideOf(photo(240, 120, null), SIDES);
  assert.deepEqual([slide.src, slide.sources], ["p.jpg", "p.jpg 240w"]);
  assert.deepEqual([slide.width, slide.height], [240, 120]);
});

test("what the grid has loaded is shown first, then what comes soon, then the sharpest", () => {
  const { src, msrc } = slideOf(photo(3000, 2000), SIDES);
  assert.deepEqual([src, msrc], ["m.jpg", "t.jpg"]);
});
