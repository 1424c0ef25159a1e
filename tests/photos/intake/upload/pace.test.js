import assert from "node:assert/strict";
import { test } from "node:test";

import { createPace } from "../../../../static/photos/intake/upload/pace.js";

function paceOf(...samples) {
  let at = 0;
  const pace = createPace(() => at);
  for (const [second, bytes] of samples) {
    at = second * 1000;
    pace.note(bytes);
  }
  return pace;
}

test("there is no speed before a second has passed", () => {
  assert.equal(paceOf().perSecond(), null);
  assert.equal(paceOf([0, 0], [0.9, 5_000_000]).perSecond(), null);
});

test("the speed is that of the last fifteen seconds", () => {
  assert.equal(paceOf([0, 0], [10, 1000]).perSecond(), 100);
  assert.equal(paceOf([0, 0], [10, 1_000_000], [20, 1_000_000], [24, 1_000_700]).perSecond(), 50);
});

test("after a stall that is longer, it begins anew", () => {
  assert.equal(paceOf([0, 0], [10, 1000], [60, 1000]).perSecond(), null);
});

test("what was taken back counts as standing still", () => {
  assert.equal(paceOf([0, 5000], [10, 1000]).perSecond(), 0);
});

test("restarted, it knows nothing", () => {
  const pace = paceOf([0, 0], [10, 1000]);
  pace.restart();
  assert.equal(pace.perSecond(), null);
});
