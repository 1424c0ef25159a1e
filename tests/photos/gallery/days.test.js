import assert from "node:assert/strict";
import { test } from "node:test";

import { repeated } from "../../../static/photos/gallery/days.js";

const day = (name, ...hours) => ({ name, hours });

test("a day that goes on is named once, and so is its hour", () => {
  const found = repeated(day("Saturday", "16:00", "15:00"), day("Saturday", "15:00", "14:00"));
  assert.deepEqual(found, { day: true, hour: true });
});

test("a day that goes on with another hour keeps that hour's name", () => {
  const found = repeated(day("Saturday", "16:00", "15:00"), day("Saturday", "14:00"));
  assert.deepEqual(found, { day: true, hour: false });
});

test("the same hour of another day is another one", () => {
  const found = repeated(day("Sunday", "15:00"), day("Saturday", "15:00"));
  assert.deepEqual(found, { day: false, hour: false });
});

test("days without hours have none to repeat", () => {
  assert.deepEqual(repeated(day("Saturday"), day("Saturday")), { day: true, hour: false });
});
