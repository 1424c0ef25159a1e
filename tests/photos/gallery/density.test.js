import assert from "node:assert/strict";
import { test } from "node:test";

import { stepAfter } from "../../../static/photos/gallery/density.js";

test("fingers that part make photos larger, step by step, and no larger than that", () => {
  assert.deepEqual(stepAfter("small", 1.4), { step: "", isOther: true });
  assert.deepEqual(stepAfter("", 1.4), { step: "large", isOther: true });
  assert.deepEqual(stepAfter("large", 3), { step: "large", isOther: false });
});

test("fingers that meet make them smaller", () => {
  assert.deepEqual(stepAfter("", 0.5), { step: "small", isOther: true });
  assert.deepEqual(stepAfter("small", 0.5), { step: "small", isOther: false });
});

test("fingers that tremble change nothing", () => {
  assert.deepEqual(stepAfter("", 1.1), { step: "", isOther: false });
  assert.deepEqual(stepAfter("", 0.9), { step: "", isOther: false });
});
