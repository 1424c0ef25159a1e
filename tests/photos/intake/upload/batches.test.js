import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import {
  countSent,
  createBatches,
  keyOf,
} from "../../../../static/photos/intake/upload/batches.js";

const files = (...names) => names.map((name) => ({ name, size: 7, state: "waiting" }));

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
    return { ok: answers.shift() ?? true };
  };
});

afterEach(() => {
  mock.timers.reset();
});

function dropped(items) {
  const batches = createBatches({ address: "/", headers: () => ({}), run: () => ({}) });
  const drop = batches.begin();
  items.forEach(drop.take);
  drop.end();
}

async function wait(ms) {
  mock.timers.tick(ms);
  await new Promise(setImmediate);
}

test("the same files are the same batch, in whatever order", () => {
  assert.equal(keyOf(files("a", "b")), keyOf(files("b", "a")));
  assert.notEqual(keyOf(files("a", "b")), keyOf(files("a", "c")));
  assert.match(keyOf(files("é", "🎉")), /^[0-9a-f-]{1,36}$/);
});

test("what would be refused again need not be sent, and what was stopped must", () => {
  const items = [
    { state: "accepted" },
    { state: "known" },
    { state: "refused", code: "too_small" },
    { state: "refused", code: "event_closed" },
    { state: "failed" },
    { state: "sending" },
  ];
  assert.equal(countSent(items, "event_closed"), 3);
});

test("progress is told every two seconds, and the end ends it", async () => {
  const items = files("a", "b");
  dropped(items);
  await wait(0);
  items[0].state = "accepted";
  await wait(2000);
  await wait(2000);
  items[1].state = "known";
  await wait(2000);
  await wait(60_000);
  assert.deepEqual(
    told.map(({ sent }) => sent),
    [0, 1, 2],
  );
});

test("a batch in which nothing moves gives a sign of life", async () => {
  dropped(files("a"));
  await wait(0);
  await wait(20_000);
  assert.equal(told.length, 1);
  await wait(12_000);
  assert.equal(told.length, 2);
});

test("what did not arrive is told again", async () => {
  answers = [false];
  dropped(files("a"));
  await wait(0);
  await wait(2000);
  assert.equal(told.length, 2);
});

test("a page that is closed tells its last", async () => {
  const items = files("a", "b");
  dropped(items);
  await wait(0);
  items[0].state = "accepted";
  leave();
  await wait(0);
  assert.deepEqual([told[1].sent, told[1].keepalive], [1, true]);
});
