import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import {
  createBatches,
  fingerprintOf,
  isSettled,
} from "../../../../static/photos/intake/upload/batches.js";

const files = (...names) => names.map((name) => ({ name, size: 7, state: "waiting" }));
const fingerprints = (...names) => files(...names).map(fingerprintOf);

let told;
let answers;
let leave;

beforeEach(() => {
  told = [];
  answers = [];
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  globalThis.window = { addEventListener: (name, listener) => (leave = listener) };
  globalThis.fetch = async (address, { body, keepalive }) => {
    told.push({ ...JSON.parse(body), keepalive });
    return { ok: answers.shift() ?? true, json: async () => ({ batch: 17 }) };
  };
});

afterEach(() => {
  mock.timers.reset();
});

function dropped(items) {
  const batches = createBatches({ address: "/", headers: () => ({}) });
  const drop = batches.begin();
  items.forEach(drop.take);
  drop.end();
}

async function wait(ms) {
  mock.timers.tick(ms);
  await new Promise(setImmediate);
}

test("a file is the same in whatever folder, and however its name is written", () => {
  // The same numbers are in test_batches.py.
  assert.equal(fingerprintOf({ name: "DSC_0001.JPG", size: 5_000_000 }), 3460440856001033);
  assert.equal(fingerprintOf({ name: "a/b.zip/c\\DSC_0001.JPG", size: 5e6 }), 3460440856001033);
  assert.equal(fingerprintOf({ name: "été.jpg", size: 7 }), 33712351671);
  assert.equal(fingerprintOf({ name: "e\u0301te\u0301.jpg", size: 7 }), 33712351671);
  assert.notEqual(
    fingerprintOf({ name: "a.jpg", size: 7 }),
    fingerprintOf({ name: "a.jpg", size: 8 }),
  );
  assert.ok(Number.isSafeInteger(fingerprintOf({ name: "a.jpg", size: 2 ** 40 - 1 })));
});

test("a file has the name that its photo gets", () => {
  // The same names are in test_batches.py.
  const two = fingerprintOf({ name: "with two spaces.jpg", size: 7 });
  for (const name of [
    "with  two spaces.jpg",
    "a\\ with\ttwo\u00a0\u2003spaces.jpg\n",
    "with\x1ctwo\x85spaces.jpg",
    "\ufeffwith two\u202e\x00 \u00adspaces.jpg\ud800",
  ]) {
    assert.equal(fingerprintOf({ name, size: 7 }), two, name);
  }
  assert.notEqual(fingerprintOf({ name: "with two\u200d spaces.jpg", size: 7 }), two);
  for (const name of ["photo", "\u202e", " \u200d"]) {
    assert.equal(fingerprintOf({ name, size: 7 }), 30412342296);
  }
});

test("what would be refused again is settled, and what may still come is not", () => {
  const settled = (state, code) => isSettled({ state, code });
  assert.ok(settled("accepted") && settled("known") && settled("refused", "raw_file"));
  for (const state of ["waiting", "ready", "sending", "failed"]) {
    assert.equal(settled(state), false);
  }
  for (const code of ["event_closed", "not_allowed", "unreadable_here", "upload_lost"]) {
    assert.equal(settled("refused", code), false);
  }
});

test("each file is told of once, every two seconds, and the end ends it", async () => {
  const items = files("a", "b", "c");
  const [a, b, c] = fingerprints("a", "b", "c");
  items[0].state = "known";
  dropped(items);
  await wait(0);
  items[1].state = "accepted";
  await wait(2000);
  await wait(2000);
  Object.assign(items[2], { state: "refused", code: "raw_file" });
  await wait(2000);
  await wait(60_000);
  assert.deepEqual(told, [
    { files: 3, missing: [b, c], settled: [a], keepalive: false },
    { batch: 17, settled: [b], keepalive: false },
    { batch: 17, settled: [c], keepalive: false },
  ]);
});

test("two files that look alike are settled when both are", async () => {
  const items = files("card 1/a", "card 2/a");
  dropped(items);
  await wait(0);
  assert.equal(told[0].missing.length, 2);
  items[0].state = "accepted";
  await wait(2000);
  assert.equal(told.length, 1);
  items[1].state = "accepted";
  await wait(2000);
  assert.deepEqual(told[1].settled, fingerprints("a"));
});

test("a batch in which nothing moves gives a sign of life", async () => {
  dropped(files("a"));
  await wait(0);
  await wait(20_000);
  assert.equal(told.length, 1);
  await wait(12_000);
  assert.deepEqual(told[1], { batch: 17, settled: [], keepalive: false });
});

test("what did not arrive is told again", async () => {
  answers = [false, true, false];
  const items = files("a", "b");
  dropped(items);
  await wait(0);
  await wait(2000);
  assert.deepEqual(told[1], told[0]);
  items[0].state = "accepted";
  await wait(2000);
  await wait(2000);
  assert.deepEqual(told[3], { batch: 17, settled: fingerprints("a"), keepalive: false });
  assert.deepEqual(told[3], told[2]);
});

test("a page that is closed tells its last", async () => {
  const items = files("a", "b");
  dropped(items);
  await wait(0);
  items[0].state = "accepted";
  leave();
  await wait(0);
  assert.deepEqual([told[1].settled, told[1].keepalive], [fingerprints("a"), true]);
});

test("more files than the server takes at once are several batches", async () => {
  dropped(Array.from({ length: 20_001 }, (_, at) => files(`${at}`)[0]));
  await wait(0);
  assert.deepEqual(
    told.map(({ files: count }) => count),
    [20_000, 1],
  );
});
