import assert from "node:assert/strict";
import { test } from "node:test";

import { bitmap, likeness } from "../../../static/photos/gallery/likeness.js";

const PREFIX = "data:image/bmp;base64,";
const RED = [255, 0, 0, 255];
const BLUE = [0, 0, 255, 255];

function decoded(address) {
  assert.ok(address.startsWith(PREFIX));
  return Buffer.from(address.slice(PREFIX.length), "base64");
}

test("a bitmap says how large it is, and from where on its pixels come", () => {
  const bytes = decoded(bitmap(new Uint8ClampedArray([...RED, ...BLUE]), 1, 2));
  assert.equal(bytes.toString("latin1", 0, 2), "BM");
  assert.equal(bytes.readUInt32LE(2), bytes.length);
  assert.equal(bytes.readUInt32LE(10), 54);
  assert.deepEqual([bytes.readInt32LE(18), bytes.readInt32LE(22)], [1, -2]);
});

test("pixels are blue, green, red, and rows are of whole words", () => {
  const bytes = decoded(bitmap(new Uint8ClampedArray([...RED, ...BLUE]), 1, 2));
  assert.deepEqual([...bytes.subarray(54)], [0, 0, 255, 0, 255, 0, 0, 0]);
});

test("a likeness has the shape of its picture", () => {
  const sizes = [];
  const decode = (hash, width, height) => {
    sizes.push([hash, width, height]);
    return new Uint8ClampedArray(4 * width * height);
  };
  for (const ratio of [2 / 3, 1.5, 0.001, NaN]) {
    likeness(decode, "LEHV6n", ratio);
  }
  assert.deepEqual(
    sizes.map(([, width, height]) => [width, height]),
    [
      [24, 16],
      [24, 36],
      [24, 1],
      [24, 24],
    ],
  );
});
