// What the page shows of a run. The number of its elements does not grow with the number of files.

import { createPace } from "./pace.js";
import { createProblems } from "./problems.js";

const EVERY_MS = 250;
const NOTICES = ["offline", "signedOut", "stopped", "paused"];
const ANNOUNCED = ["paused", "offline", "signedOut", "stopped", "done"];

export function createView(root, wording, reasons) {
  const at = (name) => root.querySelector(`[data-part="${name}"]`);
  const pace = createPace();
  const list = createProblems(at("problem-list"), wording, reasons);
  const noConnection = at("offline-reason").textContent;
  let announcedPhase = "idle";
  let acceptedShown = 0;
  let due = null;

  return { show };

  // Many calls, few paintings.
  function show(state) {
    due ??= setTimeout(() => {
      due = null;
      paint(state);
    }, EVERY_MS);
  }

  function paint(state) {
    const { phase, counts, bytes, items } = state;
    const settled = counts.accepted + counts.known + counts.refused + counts.failed;
    const over = isOver(state, settled);
    at("panel").hidden = items.length === 0;
    at("running").hidden = over;
    at("summary").hidden = !over;
    at("pause").hidden = phase !== "running" && phase !== "offline";
    at("resume").hidden = phase !== "paused";
    for (const name of NOTICES) {
      at(`notice-${name}`).hidden = phase !== name;
    }
    paintTotals(state, settled, bytes);
    paintSending(state.sending);
    paintProblems(state);
    at("offline-reason").textContent = state.waitReason ?? noConnection;
    if (phase === "stopped") {
      at("stop-reason").textContent = reasons[state.stopCode] ?? state.stopCode;
    }
    if (over) {
      paintSummary(state);
    }
    announce(state, over);
    tellProgress(counts.accepted);
  }

  // The event's figures below need not wait for their next look (see templates/faces/desk/_progress.html).
  function tellProgress(accepted) {
    if (accepted > acceptedShown) {
      acceptedShown = accepted;
      document.body.dispatchEvent(new Event("photos-accepted"));
    }
  }

  function paintTotals({ phase, items, counts }, settled, bytes) {
    const bar = at("total-bar");
    bar.max = Math.max(1, bytes.total);
    bar.value = bytes.settled;
    at("total-files").textContent = wording.count("files_done", items.length, {
      done: wording.number(settled),
    });
    at("total-bytes").textContent = wording.text("bytes_done", {
      done: wording.size(bytes.settled),
      total: wording.size(bytes.total),
    });
    at("pace").textContent = paceText(phase, bytes);
    for (const name of ["accepted", "known", "refused", "failed"]) {
      at(`count-${name}`).textContent = wording.number(counts[name]);
    }
    at("box-failed").hidden = counts.failed === 0;
  }

  function paceText(phase, bytes) {
    if (phase !== "running") {
      pace.restart();
      return "";
    }
    pace.note(bytes.sent);
    const speed = pace.perSecond();
    if (!speed) {
      return wording.text("checking");
    }
    const left = wording.duration((bytes.total - bytes.settled) / speed);
    return wording.text("pace", { speed: wording.speed(speed), left });
  }

  function paintSending(sending) {
    const rows = at("sending").children;
    const active = [...sending].slice(0, rows.length);
    Array.from(rows).forEach((row, place) => {
      const item = active[place];
      row.classList.toggle("is-empty", !item);
      row.querySelector(".desk-file-name").textContent = item ? baseName(item.name) : "";
      const bar = row.querySelector("progress");
      bar.max = item?.size || 1;
      bar.value = item?.sent ?? 0;
      row.querySelector(".desk-file-size").textContent = item ? wording.size(item.size) : "";
    });
  }

  function paintProblems({ problems }) {
    at("problems").hidden = problems.length === 0;
    at("problems-title").textContent = wording.count("problems", problems.length);
    list.paint(problems);
    at("retry-failed").hidden = !problems.some((item) => item.state === "failed");
  }

  function paintSummary({ counts }) {
    at("summary-title").textContent = wording.count("summary_accepted", counts.accepted);
    const lines = [
      counts.known && wording.count("summary_known", counts.known),
      counts.refused && wording.count("summary_refused", counts.refused),
      counts.failed && wording.count("summary_failed", counts.failed),
    ].filter(Boolean);
    const old = Array.from(at("summary-lines").children, (line) => line.textContent);
    if (old.join() !== lines.join()) {
      at("summary-lines").replaceChildren(
        ...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })),
      );
    }
  }

  // To screen readers: what changed in kind, not every number.
  function announce(state, over) {
    const phase = over ? "done" : state.phase;
    if (phase === announcedPhase) {
      return;
    }
    announcedPhase = phase;
    if (ANNOUNCED.includes(phase)) {
      const part = phase === "done" ? "summary-title" : `notice-${phase}`;
      at("announcer").textContent = at(part).textContent.trim();
    }
  }
}

export function isOver({ phase, intakes, items }, settled) {
  return items.length > 0 && intakes === 0 && settled === items.length && phase !== "idle";
}

function baseName(path) {
  return path.split("/").at(-1);
}
