// One upload from the first file to the last: what each file's state is, what is done next, and how
// it goes on after a broken connection, a pause, or a session that ended. Knows nothing of the page.
//
// A file is waiting (to be looked at), ready (to be sent), sending, and then settled: accepted,
// known (the event had it), refused (with a reason), or failed (our fault; may be tried again).

import { refusal } from "./fingerprint.js";
import { Refused, SignedOut, problem } from "./server.js";

const AT_ONCE = 3;
const ASK_ABOUT = 40;
const ASK_AFTER_MS = 1500;
// Looking ahead of sending is cheap, but only what is known by then can be skipped.
const READY_AT_MOST = 90;
const TRIES = 4;
const BACKOFF_MS = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
const SIGNED_IN_EVERY_MS = 4_000;

export function createRun({ server, send, hash, maxBytes, onChange }) {
  const state = {
    phase: "idle", // running, paused, offline, signedOut, stopped, done
    stopCode: null,
    waitReason: null, // what the server said, if it said anything
    retryAt: null,
    items: [],
    problems: [],
    counts: { waiting: 0, ready: 0, sending: 0, accepted: 0, known: 0, refused: 0, failed: 0 },
    bytes: { total: 0, settled: 0, sent: 0 },
    sending: new Set(),
    intakes: 0,
  };
  const waiting = [];
  const ready = [];
  let wake = [];
  const sleepers = [];
  let outages = 0;
  let checking = false;
  let senders = 0;

  return { state, add, pause, resume, retryFailed, goOn };

  async function add(files) {
    state.intakes += 1;
    start();
    let last = performance.now();
    for await (const file of files) {
      take(file);
      if (performance.now() - last > 30) {
        await pauseForPage();
        last = performance.now();
      }
    }
    state.intakes -= 1;
    changed();
  }

  function take(file) {
    const item = { ...file, state: "waiting", sent: 0, tries: 0 };
    state.items.push(item);
    state.counts.waiting += 1;
    state.bytes.total += item.size;
    if (state.phase === "stopped") {
      settle(item, "refused", state.stopCode);
    } else if (item.refused) {
      settle(item, "refused", item.refused);
    } else {
      waiting.push(item);
    }
    changed();
  }

  function start() {
    if (["idle", "done"].includes(state.phase)) {
      setPhase("running");
    }
    if (!checking) {
      checking = true;
      checkAll().finally(() => (checking = false));
    }
    while (senders < AT_ONCE) {
      senders += 1;
      sendAll().finally(() => (senders -= 1));
    }
  }

  // --- looking: is it a picture, and does the event have it? ---

  async function checkAll() {
    let item;
    while ((item = await next(waiting, () => ready.length < READY_AT_MOST))) {
      await ask(await examineSome(item));
    }
  }

  async function examineSome(first) {
    const batch = [];
    const until = performance.now() + ASK_AFTER_MS;
    for (let item = first; item; item = mayGoOn() ? waiting.shift() : null) {
      await examine(item);
      if (item.state === "waiting") {
        batch.push(item);
      }
    }
    return batch;

    function mayGoOn() {
      return batch.length < ASK_ABOUT && performance.now() < until;
    }
  }

  async function examine(item) {
    try {
      const blob = await item.open();
      const code = await refusal(blob, maxBytes);
      if (code) {
        settle(item, "refused", code);
      } else {
        item.sha256 = hash && (await hash(blob));
      }
    } catch {
      settle(item, "refused", "unreadable_here");
    }
  }

  async function ask(batch) {
    const hashes = batch.map((item) => item.sha256).filter(Boolean);
    let known = new Set();
    for (let asked = false; batch.length && !asked;) {
      await isRunning();
      try {
        known = await server.known(hashes);
        outages = 0;
        asked = true;
      } catch (error) {
        await overcome(error);
        if (state.phase === "stopped") {
          return stopAll(batch);
        }
      }
    }
    for (const item of batch) {
      if (known.has(item.sha256)) {
        settle(item, "known");
      } else {
        move(item, "ready");
        ready.push(item);
      }
    }
    changed();
  }

  // --- sending ---

  async function sendAll() {
    let item;
    while ((item = await next(ready))) {
      await sendOne(item);
    }
  }

  async function sendOne(item) {
    move(item, "sending");
    state.sending.add(item);
    changed();
    let result;
    try {
      const blob = await item.open();
      await blob.slice(-1).arrayBuffer(); // a card that was pulled out is no lost connection
      result = await send(item, blob, (sent) => progress(item, sent));
    } catch {
      settle(item, "refused", "unreadable_here");
      return;
    }
    await judge(item, result);
  }

  async function judge(item, { status, answer }) {
    if (status === 200 && answer.code === "event_closed") {
      again(item);
      await overcome(new Refused("event_closed"));
    } else if (status === 200 && answer.state) {
      outages = 0;
      settle(item, answer.state, answer.code, answer.reason);
    } else if (status === 413) {
      settle(item, "refused", "too_large");
    } else if (mayBeTheFile(status, answer) && ++item.tries >= TRIES) {
      settle(item, "failed", "failed_here");
    } else {
      again(item);
      await overcome(problem(status, answer.code, answer.reason));
    }
  }

  // --- what may come in between ---

  async function overcome(error) {
    if (error instanceof Refused) {
      state.stopCode = error.message;
      setPhase("stopped");
      stopAll([...waiting.splice(0), ...ready.splice(0)]);
    } else if (error instanceof SignedOut) {
      await waitUntilSignedIn();
    } else {
      await waitForConnection(error.reason);
    }
  }

  async function waitUntilSignedIn() {
    if (state.phase === "signedOut") {
      return isRunning();
    }
    setPhase("signedOut");
    while (state.phase === "signedOut") {
      await sleep(SIGNED_IN_EVERY_MS);
      try {
        await server.known([]);
        leave("signedOut");
      } catch (error) {
        if (error instanceof Refused) {
          leave("signedOut");
          await overcome(error);
        }
      }
    }
  }

  async function waitForConnection(reason) {
    if (state.phase === "offline") {
      return isRunning();
    }
    if (state.phase === "running") {
      const delay = BACKOFF_MS[Math.min(outages++, BACKOFF_MS.length - 1)];
      state.retryAt = Date.now() + delay;
      state.waitReason = reason ?? null;
      setPhase("offline");
      await sleep(delay);
      leave("offline");
    }
    return undefined;
  }

  function leave(phase) {
    if (state.phase === phase) {
      setPhase("running");
    }
  }

  // The page tells that the connection, or the tab, is back: no need to wait longer.
  function goOn() {
    sleepers.splice(0).forEach((resolve) => resolve());
  }

  function pause() {
    if (["running", "offline"].includes(state.phase)) {
      setPhase("paused");
    }
  }

  function resume() {
    leave("paused");
  }

  function retryFailed() {
    const failed = state.problems.filter((item) => item.state === "failed");
    state.problems = state.problems.filter((item) => item.state !== "failed");
    for (const item of failed) {
      state.bytes.settled -= item.size;
      Object.assign(item, { tries: 0, reason: undefined });
      move(item, "ready");
      ready.push(item);
    }
    start();
    changed();
  }

  function stopAll(items) {
    items.forEach((item) => settle(item, "refused", state.stopCode));
  }

  // --- states ---

  function move(item, to) {
    state.counts[item.state] -= 1;
    state.counts[to] += 1;
    item.state = to;
  }

  function settle(item, to, code, reason) {
    state.sending.delete(item);
    move(item, to);
    state.bytes.sent += (to === "accepted" ? item.size : item.sent) - item.sent;
    state.bytes.settled += item.size;
    Object.assign(item, { code, reason });
    if (to === "refused" || to === "failed") {
      state.problems.push(item);
    }
    delete item.sha256;
    changed();
  }

  function again(item) {
    state.sending.delete(item);
    progress(item, 0);
    move(item, "ready");
    ready.unshift(item);
  }

  function progress(item, sent) {
    state.bytes.sent += sent - item.sent;
    item.sent = sent;
    changed();
  }

  function setPhase(phase) {
    state.phase = phase;
    wakeAll();
    changed();
  }

  // --- waiting for one another ---

  // The next of a queue, as soon as there is one and the run goes on; null when all is over.
  async function next(queue, mayTake = () => true) {
    for (;;) {
      await isRunning();
      if (queue.length && mayTake()) {
        return queue.shift();
      }
      if (isOver()) {
        if (state.phase === "running") {
          setPhase("done");
        }
        return null;
      }
      await new Promise((resolve) => wake.push(resolve));
    }
  }

  function isOver() {
    const { waiting: unseen, ready: unsent, sending } = state.counts;
    return state.intakes === 0 && unseen + unsent + sending === 0;
  }

  async function isRunning() {
    while (!["running", "stopped", "done"].includes(state.phase)) {
      await new Promise((resolve) => wake.push(resolve));
    }
  }

  function sleep(ms) {
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
      sleepers.push(resolve);
    });
  }

  function changed() {
    wakeAll();
    onChange();
  }

  function wakeAll() {
    const all = wake;
    wake = [];
    all.forEach((resolve) => resolve());
  }
}

// Not: no connection, a session that ended, a storage that is away. Those end for all files at once.
function mayBeTheFile(status, { reason }) {
  return ![0, 401, 403].includes(status) && !(status === 503 && reason);
}

function pauseForPage() {
  return new Promise((resolve) => setTimeout(resolve));
}
