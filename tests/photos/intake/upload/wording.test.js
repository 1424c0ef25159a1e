import assert from "node:assert/strict";
import { test } from "node:test";

import { createWording } from "../../../../static/photos/intake/upload/wording.js";

const TEXTS = {
  done: "%(done)s of %(total)s",
  photos: { one: "%(count)s photo, %(more)s", other: "%(count)s photos, %(more)s" },
};
const english = createWording(TEXTS, "en");
const french = createWording(TEXTS, "fr");
// Languages put different spaces between number and unit.
const plain = (text) => text.replace(/\s/g, " ");

test("values are filled in where they are named; what is unknown stays", () => {
  assert.equal(english.text("done", { done: 1, total: 2 }), "1 of 2");
  assert.equal(english.text("done", { done: 0 }), "0 of %(total)s");
});

test("plurals are those of the language", () => {
  assert.equal(english.count("photos", 0, { more: "x" }), "0 photos, x");
  assert.equal(english.count("photos", 1, { more: "x" }), "1 photo, x");
  assert.equal(french.count("photos", 0, { more: "x" }), "0 photo, x");
  assert.equal(english.count("photos", 1234, { more: "x" }), "1,234 photos, x");
});

test("a language with more forms than there are texts takes the general one", () => {
  assert.equal(createWording(TEXTS, "pl").count("photos", 3, { more: "x" }), "3 photos, x");
});

test("sizes are in the unit that gives short numbers", () => {
  assert.equal(plain(english.size(1_500)), "1.5 kB");
  assert.equal(plain(english.size(999_999)), "1,000 kB");
  assert.equal(plain(english.size(4_200_000)), "4.2 MB");
  assert.equal(plain(english.size(42_400_000)), "42 MB");
  assert.equal(plain(french.size(1_200_000_000)), "1,2 Go");
  assert.equal(plain(english.speed(2_500_000)), "2.5 MB/s");
});

test("durations are as coarse as an estimate should be", () => {
  assert.equal(plain(english.duration(0.4)), "5 seconds");
  assert.equal(plain(english.duration(51)), "55 seconds");
  assert.equal(plain(english.duration(61)), "1 minute");
  assert.equal(plain(english.duration(3599)), "1 hour");
  assert.equal(plain(english.duration(3 * 3600 + 20 * 60)), "3 hours 20 minutes");
});
