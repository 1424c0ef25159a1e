import assert from "node:assert/strict";
import { test } from "node:test";

import { roomBelow } from "../../../static/photos/gallery/viewer-room.js";

const SCREEN = { x: 360, y: 780 };

test("a photo that ends above a panel stays, one that does not gets the room above it", () => {
  assert.equal(roomBelow({ width: 1500, height: 1000 }, SCREEN, 640), 0);
  assert.equal(roomBelow({ width: 1000, height: 1500 }, SCREEN, 640), 140);
});
