// One upload from the first file to the last: what is done next, and how it goes on after a broken
// connection, a pause, or a session that ended. Knows nothing of the page.

import { refusal } from "./fingerprint.js";
import { createLedger } from "./ledger.js";
import { Refused, SignedOut, problem } from "./server.js";
import { createWaits } from "./waits.js";

const AT_ONCE = 3;
const ASK_ABOUT = 40;
const ASK_AFTER_MS = 1500;
// Looking ahead of sending is cheap, but only what is known by then can be skipped.
const READY_AT_MOST = 90;
const TRIES = 4;
const BACKOFF_MS = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
const SIGNED_IN_EVERY_MS = 4_000;

// `openDrop`: is told the files of each drop, and when all of them are known (batches.js).
export function createRun({ server, send, hash, maxBytes, formats, openDrop = noDrop, onChange }) {
  const waits = createWaits();
  const ledger = createLedger(changed);
  const { state, waiting, ready } = ledger;
  let outages = 0;
  let checking = false;
  let senders = 0;

  return { state, add, pause, resume, retryFailed, goOn };

  async function add(files) {
    state.intakes += 1;
    start();
    const drop = openDrop();
    let last = performance.now();
    for await (const file of files) {
      drop.take(ledger.enter(file));
      if (performance.now() - last > 30) {
        await pauseForPage();
        last = performance.now();
      }
    }
    drop.end();
    state.intakes -= 1;
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
      const code = await refusal(blob, maxBytes, formats, item.name);
      if (code) {
        ledger.settle(item, "refused", code);
      } else {
        item.sha256 = hash && (await hash(blob));
      }
    } catch (error) {
      ledger.settle(item, "refused", error?.refused ?? "unreadable_here");
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
          return ledger.stopAll(batch);
        }
      }
    }
    for (const item of batch) {
      if (known.has(item.sha256)) {
        ledger.settle(item, "known");
      } else {
        ledger.makeReady(item);
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
    ledger.beginSending(item);
    let result;
    try {
      const blob = await item.open();
      await blob.slice(-1).arrayBuffer(); // a card that was pulled out is no lost connection
      result = await send(item, blob, (sent) => ledger.progress(item, sent));
    } catch (error) {
      ledger.settle(item, "refused", error?.refused ?? "unreadable_here");
      return;
    }
    await judge(item, result);
  }

  async function judge(item, { status, answer }) {
    if (status === 200 && answer.code === "event_closed") {
      ledger.again(item);
      await overcome(new Refused("event_closed"));
    } else if (status === 200 && answer.state) {
      outages = 0;
      ledger.settle(item, answer.state, answer.code, answer.reason);
    } else if (status === 413) {
      ledger.settle(item, "refused", "too_large");
    } else if (mayBeTheFile(status, answer) && ++item.tries >= TRIES) {
      ledger.settle(item, "failed", "failed_here");
    } else {
      ledger.again(item);
      await overcome(problem(status, answer.code, answer.reason));
    }
  }

  // --- what may come in between ---

  async function overcome(error) {
    if (error instanceof Refused) {
      state.stopCode = error.message;
      setPhase("stopped");
      ledger.stopAll();
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
      await waits.sleep(SIGNED_IN_EVERY_MS);
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
      await waits.sleep(delay);
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
    waits.wake();
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
    ledger.retryFailed();
    start();
    changed();
  }

  function setPhase(phase) {
    state.phase = phase;
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
      if (ledger.isOver()) {
        if (state.phase === "running") {
          setPhase("done");
        }
        return null;
      }
      await waits.change();
    }
  }

  async function isRunning() {
    while (!["running", "stopped", "done"].includes(state.phase)) {
      await waits.change();
    }
  }

  function changed() {
    waits.changed();
    onChange();
  }
}

// Not: no connection, a session that ended, a storage that is away. Those end for all files at once.
function mayBeTheFile(status, { reason }) {
  return ![0, 401, 403].includes(status) && !(status === 503 && reason);
}

function noDrop() {
  return { take() {}, end() {} };
}

function pauseForPage() {
  return new Promise((resolve) => setTimeout(resolve));
}
