import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { batchesOf, handOver, labelOf } from "../../../static/photos/delivery/photo-batches.js";

const WORDS = { one: "Save this photo", some: "Save {} photos", next: "Save the next {}" };
let outcomes; // of the share sheet, in turn: the name of an error, or nothing
let shared;

const photos = (...sizes) => sizes.map((bytes, at) => [at, `${at}.jpg`, bytes]);
const lengths = (batches) => batches.map((batch) => batch.length);

beforeEach(() => {
  [outcomes, shared] = [[], 0];
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: {
      async share() {
        const name = outcomes.shift();
        if (name) {
          throw Object.assign(new Error(name), { name });
        }
        shared += 1;
      },
    },
  });
});

test("ten at once, in order", () => {
  const all = photos(...Array(23).fill(1));
  assert.deepEqual(lengths(batchesOf(all)), [10, 10, 3]);
  assert.deepEqual(batchesOf(all).flat(), all);
  assert.deepEqual(batchesOf([]), []);
});

test("fewer where they are large, and a photo that is too large goes alone", () => {
  const options = { most: 10, mostBytes: 10 };
  assert.deepEqual(lengths(batchesOf(photos(4, 4, 4, 30, 1, 9, 1), options)), [2, 1, 1, 2, 1]);
});

test("what a tap no longer counts for, or a sheet that was closed, is offered again", async () => {
  outcomes = ["NotAllowedError", "AbortError"];
  let offers = 0;
  await handOver([], (act) => {
    offers += 1;
    return act();
  });
  assert.deepEqual([offers, shared], [2, 1]);
});

test("a sheet that breaks is a failure, and who cancels is heard", async () => {
  outcomes = ["DataError", "NotAllowedError"];
  await assert.rejects(
    handOver([], () => {}),
    { name: "DataError" },
  );
  const cancelled = new Error("cancelled");
  await assert.rejects(
    handOver([], () => Promise.reject(cancelled)),
    cancelled,
  );
});

test("a button says how many it saves", () => {
  assert.equal(labelOf(10, true, WORDS), "Save 10 photos");
  assert.equal(labelOf(10, false, WORDS), "Save the next 10");
  assert.equal(labelOf(1, false, WORDS), "Save this photo");
});
