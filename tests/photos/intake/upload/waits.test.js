import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { createWaits } from "../../../../static/photos/intake/upload/waits.js";

let waits;
let over;

beforeEach(() => {
  waits = createWaits();
  over = [];
});

const note = (name, promise) => promise.then(() => over.push(name));
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a change ends every wait that began before it, and no later one", async () => {
  note("first", waits.change());
  note("second", waits.change());
  waits.changed();
  note("later", waits.change());
  await turn();
  assert.deepEqual(over, ["first", "second"]);
  waits.changed();
  await turn();
  assert.deepEqual(over, ["first", "second", "later"]);
});

test("a sleep ends when its time is over", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    note("short", waits.sleep(1_000));
    note("long", waits.sleep(5_000));
    mock.timers.tick(1_000);
    await turn();
    assert.deepEqual(over, ["short"]);
    mock.timers.tick(4_000);
    await turn();
    assert.deepEqual(over, ["short", "long"]);
  } finally {
    mock.timers.reset();
  }
});

test("waking ends all sleeps at once, and no wait for a change", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    note("short", waits.sleep(1_000));
    note("long", waits.sleep(60_000));
    note("change", waits.change());
    waits.wake();
    await turn();
    assert.deepEqual(over, ["short", "long"]);
  } finally {
    mock.timers.reset();
  }
});
