import assert from "node:assert/strict";
import { test } from "node:test";

import { captionOf, withoutKind } from "../../../static/photos/gallery/viewer-details.js";

const PHOTO = { when: "Sat 28 Nov, 19:32", by: "Anna Lindt", alt: "Photo" };
const caption = (photo, place) => captionOf(photo, place, "{at} of {all}");

test("when, by whom, and which of how many", () => {
  assert.equal(caption(PHOTO, { at: 12, all: 46 }), "Sat 28 Nov, 19:32 · Anna Lindt · 12 of 46");
});

test("what is not known is not said", () => {
  assert.equal(caption({ ...PHOTO, by: undefined }, null), "Sat 28 Nov, 19:32");
  assert.equal(caption({ alt: "Photo, 19:32" }, null), "Photo, 19:32");
});

test("what is said in full does not say that it is a photo", () => {
  assert.equal(withoutKind("Photo, Saturday, you are in it"), "Saturday, you are in it");
  assert.equal(withoutKind("Photo"), "Photo");
});
