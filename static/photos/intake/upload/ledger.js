// What is known of each file of a run, which queue it stands in, and the sums that the page shows.
//
// A file is waiting (to be looked at), ready (to be sent), sending, and then settled: accepted,
// known (the event had it), refused (with a reason), or failed (our fault; may be tried again).

export function createLedger(changed) {
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

  return {
    state,
    waiting,
    ready,
    enter,
    makeReady,
    beginSending,
    progress,
    again,
    settle,
    stopAll,
    retryFailed,
    isOver,
  };

  function enter(file) {
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
    return item;
  }

  function makeReady(item) {
    move(item, "ready");
    ready.push(item);
  }

  function beginSending(item) {
    move(item, "sending");
    state.sending.add(item);
    changed();
  }

  function progress(item, sent) {
    state.bytes.sent += sent - item.sent;
    item.sent = sent;
    changed();
  }

  // To be sent once more, before all others.
  function again(item) {
    state.sending.delete(item);
    progress(item, 0);
    move(item, "ready");
    ready.unshift(item);
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

  function stopAll(items = [...waiting.splice(0), ...ready.splice(0)]) {
    items.forEach((item) => settle(item, "refused", state.stopCode));
  }

  function retryFailed() {
    const failed = state.problems.filter((item) => item.state === "failed");
    state.problems = state.problems.filter((item) => item.state !== "failed");
    for (const item of failed) {
      state.bytes.settled -= item.size;
      Object.assign(item, { tries: 0, reason: undefined });
      makeReady(item);
    }
  }

  function isOver() {
    const { waiting: unseen, ready: unsent, sending } = state.counts;
    return state.intakes === 0 && unseen + unsent + sending === 0;
  }

  function move(item, to) {
    state.counts[item.state] -= 1;
    state.counts[to] += 1;
    item.state = to;
  }
}
