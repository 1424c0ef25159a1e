import assert from "node:assert/strict";
import { test } from "node:test";

import { Hours } from "../../../static/photos/gallery/hours.js";

const hours = new Hours([
  { key: "16", count: 10 },
  { key: "15", count: 70 },
  { key: "14", count: 20 },
]);

test("a place in a gallery is in the hour that its photo was taken", () => {
  assert.deepEqual(
    [0, 0.09, 0.1, 0.5, 0.81, 1].map((part) => hours.at(part).key),
    ["16", "16", "15", "15", "14", "14"],
  );
});

test("a photo is as far as all before it are many", () => {
  assert.equal(hours.partOf("16", 0), 0);
  assert.equal(hours.partOf("15", 35), 0.45);
  assert.equal(hours.partOf("13", 0), null);
});
