import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { createRun } from "../../../../static/photos/intake/upload/run.js";
import { Refused, SignedOut } from "../../../../static/photos/intake/upload/server.js";

const ACCEPTED = { status: 200, answer: { state: "accepted" } };
const NO_CONNECTION = { status: 0, answer: {} };
const BROKEN = { status: 500, answer: {} };

let known; // what the server answers, or throws
let answers; // to what is sent, in turn; the last one to all that follow
let sent;
let asked;
let run;

beforeEach(() => {
  known = [async () => new Set()];
  answers = [ACCEPTED];
  sent = [];
  asked = [];
  const turn = (list) => (list.length > 1 ? list.shift() : list[0]);
  run = createRun({
    server: {
      known: (hashes) => {
        asked.push(hashes);
        return turn(known)();
      },
    },
    send: async ({ name }) => {
      sent.push(name);
      const answer = turn(answers);
      return typeof answer === "function" ? answer() : answer;
    },
    hash: async (blob) => `hash of ${blob.size}`,
    maxBytes: 1000,
    formats: { bytes: 16, formats: [{ starts: [[[0, [0xff, 0xd8, 0xff]]]], brands: [] }] },
    onChange: () => {},
  });
});

function picture(name, size = 20) {
  const blob = new Blob([new Uint8Array([0xff, 0xd8, 0xff, ...Array(size - 3).fill(0)])]);
  return { name, size, open: async () => blob };
}

async function* given(...files) {
  yield* files;
}

async function until(isSo) {
  for (let turns = 0; !isSo(); turns += 1) {
    assert.ok(turns < 1000, "it did not come to that");
    await new Promise((resolve) => setTimeout(resolve));
  }
}

const untilPhase = (phase) => until(() => run.state.phase === phase);
const states = () => run.state.items.map(({ name, state }) => [name, state]);
const problems = () => run.state.problems.map(({ name, code }) => [name, code]);

test("each file is sent once, and then it is done", async () => {
  run.add(given(picture("a"), picture("b"), picture("c"), picture("d")));
  await untilPhase("done");
  assert.deepEqual(sent.toSorted(), ["a", "b", "c", "d"]);
  assert.equal(run.state.counts.accepted, 4);
  assert.equal(run.state.bytes.settled, 80);
});

test("what the event has already is not sent", async () => {
  known = [async () => new Set(["hash of 30"])];
  run.add(given(picture("new"), picture("there", 30)));
  await untilPhase("done");
  assert.deepEqual(sent, ["new"]);
  assert.deepEqual(states(), [
    ["new", "accepted"],
    ["there", "known"],
  ]);
});

test("what is no picture, or cannot be read, is neither asked about nor sent", async () => {
  const unreadable = { name: "gone", size: 9, open: () => Promise.reject(new Error("gone")) };
  const text = { name: "text", size: 4, open: async () => new Blob(["text"]) };
  run.add(given(text, unreadable, picture("large", 1001)));
  await untilPhase("done");
  assert.deepEqual(sent, []);
  assert.deepEqual(asked.flat(), []);
  assert.deepEqual(problems(), [
    ["text", "not_an_image"],
    ["gone", "unreadable_here"],
    ["large", "too_large"],
  ]);
});

test("without a connection it waits, longer each time, and goes on when told", async () => {
  answers = [NO_CONNECTION, NO_CONNECTION, NO_CONNECTION, ACCEPTED];
  run.add(given(picture("a")));
  const waits = [];
  for (let outage = 0; outage < 3; outage += 1) {
    await untilPhase("offline");
    waits.push(Math.round((run.state.retryAt - Date.now()) / 1000));
    run.goOn();
    await until(() => sent.length === outage + 2);
  }
  await untilPhase("done");
  assert.deepEqual(waits, [2, 4, 8]);
  assert.equal(sent.length, 4);
});

test("after a success the waits begin anew", async () => {
  answers = [NO_CONNECTION, NO_CONNECTION, ACCEPTED, NO_CONNECTION, ACCEPTED];
  run.add(given(picture("a")));
  for (let outage = 0; outage < 2; outage += 1) {
    await untilPhase("offline");
    run.goOn();
    await until(() => sent.length === outage + 2);
  }
  await untilPhase("done");
  run.add(given(picture("b")));
  await untilPhase("offline");
  assert.equal(Math.round((run.state.retryAt - Date.now()) / 1000), 2);
  run.goOn();
  await untilPhase("done");
});

test("a server that gives a reason for being away is waited for, with its words", async () => {
  const away = { status: 503, answer: { reason: "The storage is away." } };
  answers = [away, away, away, away, away, ACCEPTED];
  run.add(given(picture("a")));
  for (let outage = 0; outage < 5; outage += 1) {
    await untilPhase("offline");
    assert.equal(run.state.waitReason, "The storage is away.");
    run.goOn();
    await until(() => sent.length === outage + 2);
  }
  await untilPhase("done");
  assert.equal(run.state.counts.accepted, 1);
});

test("a file at which the server breaks four times has failed, and may be tried again", async () => {
  answers = [BROKEN];
  run.add(given(picture("a")));
  for (let attempt = 1; attempt < 4; attempt += 1) {
    await untilPhase("offline");
    run.goOn();
    await until(() => sent.length === attempt + 1);
  }
  await untilPhase("done");
  assert.deepEqual(problems(), [["a", "failed_here"]]);
  answers = [ACCEPTED];
  run.retryFailed();
  await until(() => run.state.counts.accepted === 1);
  assert.deepEqual(problems(), []);
});

test("what the server refuses is refused with its reason, and not sent again", async () => {
  answers = [{ status: 200, answer: { state: "refused", code: "corrupt", reason: "Broken." } }];
  run.add(given(picture("a")));
  await untilPhase("done");
  assert.deepEqual([sent, problems()], [["a"], [["a", "corrupt"]]]);
  assert.equal(run.state.problems[0].reason, "Broken.");
});

test("a proxy that takes no such large body refuses that file only", async () => {
  answers = [{ status: 413, answer: {} }, ACCEPTED];
  run.add(given(picture("a")));
  await untilPhase("done");
  assert.deepEqual(problems(), [["a", "too_large"]]);
});

test("an event that closes meanwhile stops all of it", async () => {
  answers = [{ status: 200, answer: { code: "event_closed" } }];
  run.add(given(picture("a"), picture("b")));
  await untilPhase("stopped");
  await until(() => run.state.counts.refused === 2);
  run.add(given(picture("late")));
  await until(() => run.state.counts.refused === 3);
  assert.equal(run.state.stopCode, "event_closed");
  assert.equal(sent.includes("late"), false);
});

test("who may not upload is told before anything is sent", async () => {
  known = [() => Promise.reject(new Refused("not_allowed"))];
  run.add(given(picture("a")));
  await untilPhase("stopped");
  await until(() => run.state.counts.refused === 1);
  assert.deepEqual([sent, problems()], [[], [["a", "not_allowed"]]]);
});

test("a session that ended is waited for, and what was under way is sent then", async () => {
  answers = [{ status: 401, answer: {} }, ACCEPTED];
  run.add(given(picture("a")));
  await untilPhase("signedOut");
  known = [() => Promise.reject(new SignedOut()), async () => new Set()];
  run.goOn();
  await until(() => known.length === 1);
  assert.equal(run.state.phase, "signedOut");
  await until(() => {
    run.goOn();
    return run.state.phase === "done";
  });
  assert.deepEqual(states(), [["a", "accepted"]]);
});

test("paused, nothing is begun; resumed, the rest is sent", async () => {
  let finish;
  answers = [() => new Promise((resolve) => (finish = () => resolve(ACCEPTED))), ACCEPTED];
  run.add(given(picture("a")));
  await until(() => finish);
  run.pause();
  finish();
  run.add(given(picture("b")));
  await until(() => run.state.counts.accepted === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([run.state.phase, sent], ["paused", ["a"]]);
  run.resume();
  await untilPhase("done");
  assert.deepEqual(sent, ["a", "b"]);
});

test("three are sent at once", async () => {
  const finish = [];
  answers = [() => new Promise((resolve) => finish.push(() => resolve(ACCEPTED)))];
  run.add(given(..."abcde".split("").map((name) => picture(name))));
  await until(() => finish.length === 3);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(run.state.counts.sending, 3);
  finish[0]();
  await until(() => finish.length === 4);
  assert.equal(run.state.counts.sending, 3);
  await until(() => {
    finish.forEach((one) => one());
    return run.state.phase === "done";
  });
});
