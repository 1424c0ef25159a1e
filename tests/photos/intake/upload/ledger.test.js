import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { createLedger } from "../../../../static/photos/intake/upload/ledger.js";

let ledger;
let state;
let changes;

beforeEach(() => {
  changes = 0;
  ledger = createLedger(() => (changes += 1));
  ({ state } = ledger);
});

function entered(name, size = 100) {
  ledger.enter({ name, size });
  return state.items.at(-1);
}

function ready(name, size) {
  const item = entered(name, size);
  ledger.waiting.splice(ledger.waiting.indexOf(item), 1);
  ledger.makeReady(item);
  return item;
}

function sending(name, size) {
  const item = ready(name, size);
  ledger.ready.shift();
  ledger.beginSending(item);
  return item;
}

const counted = () => Object.entries(state.counts).filter(([, n]) => n);

test("a file waits, is ready, is sent, and is then accepted", () => {
  const item = entered("a.jpg");
  assert.deepEqual([ledger.waiting, counted()], [[item], [["waiting", 1]]]);
  ledger.waiting.shift();
  ledger.makeReady(item);
  assert.deepEqual([ledger.ready, counted()], [[item], [["ready", 1]]]);
  ledger.ready.shift();
  ledger.beginSending(item);
  assert.deepEqual([[...state.sending], counted()], [[item], [["sending", 1]]]);
  ledger.settle(item, "accepted");
  assert.deepEqual([[...state.sending], counted()], [[], [["accepted", 1]]]);
  assert.deepEqual(state.problems, []);
});

test("what cannot be opened is refused at once, and said", () => {
  ledger.enter({ name: "a.zip", size: 5, refused: "bad_archive" });
  assert.deepEqual(ledger.waiting, []);
  assert.deepEqual(
    state.problems.map(({ name, state: at, code }) => [name, at, code]),
    [["a.zip", "refused", "bad_archive"]],
  );
});

test("bytes are those of files that are settled, and of what was sent of the others", () => {
  const first = sending("a.jpg", 100);
  const second = sending("b.jpg", 50);
  ledger.progress(first, 60);
  ledger.progress(second, 20);
  assert.deepEqual(state.bytes, { total: 150, settled: 0, sent: 80 });
  ledger.settle(first, "accepted");
  assert.deepEqual(state.bytes, { total: 150, settled: 100, sent: 120 });
  ledger.settle(second, "refused", "too_large");
  assert.deepEqual(state.bytes, { total: 150, settled: 150, sent: 120 });
});

test("what is sent once more comes first, from its beginning", () => {
  const item = sending("a.jpg");
  const other = ready("b.jpg");
  ledger.progress(item, 60);
  ledger.again(item);
  assert.deepEqual(ledger.ready, [item, other]);
  assert.deepEqual([item.sent, state.bytes.sent, state.sending.size], [0, 0, 0]);
});

test("what failed may be tried again, what was refused not", () => {
  const failed = sending("a.jpg");
  ledger.settle(failed, "failed", "failed_here", "no room");
  ledger.settle(sending("b.jpg"), "refused", "corrupt");
  failed.tries = 4;
  ledger.retryFailed();
  assert.deepEqual(ledger.ready, [failed]);
  assert.deepEqual([failed.tries, failed.reason], [0, undefined]);
  assert.deepEqual(counted(), [
    ["ready", 1],
    ["refused", 1],
  ]);
  assert.equal(state.bytes.settled, 100);
  assert.deepEqual(
    state.problems.map(({ name }) => name),
    ["b.jpg"],
  );
});

test("stopped, all that stands in a queue is refused, and all that comes later", () => {
  entered("a.jpg");
  ready("b.jpg");
  Object.assign(state, { phase: "stopped", stopCode: "event_closed" });
  ledger.stopAll();
  entered("c.jpg");
  assert.deepEqual(counted(), [["refused", 3]]);
  assert.deepEqual(new Set(state.problems.map(({ code }) => code)), new Set(["event_closed"]));
  assert.deepEqual([ledger.waiting, ledger.ready], [[], []]);
});

test("it is over when nothing comes in and nothing is under way", () => {
  assert.equal(ledger.isOver(), true);
  const item = sending("a.jpg");
  assert.equal(ledger.isOver(), false);
  ledger.settle(item, "known");
  assert.equal(ledger.isOver(), true);
  state.intakes = 1;
  assert.equal(ledger.isOver(), false);
});

test("every change is told", () => {
  const item = sending("a.jpg");
  for (const act of [() => ledger.progress(item, 1), () => ledger.settle(item, "accepted")]) {
    changes = 0;
    act();
    assert.equal(changes, 1);
  }
});
