// The upload page: connects the form's parts with a run. See run.js for how it works.

import { createBatches } from "./batches.js";
import { createHasher } from "./fingerprint.js";
import { createFolders } from "./folders.js";
import { fromDrop, fromList } from "./intake.js";
import { createRun } from "./run.js";
import { createServer } from "./server.js";
import { createTransport } from "./transport.js";
import { createView } from "./view.js";
import { createWording } from "./wording.js";

const root = document.querySelector("[data-uploader]");
if (root) {
  begin(root);
}

function begin(root) {
  const { texts, reasons } = JSON.parse(document.getElementById("upload-texts").textContent);
  const addresses = root.dataset;
  const intake = {
    loadZip: () => import("@zip.js/zip.js/dist/zip-core-external.min.js"),
    maxBytes: Number(addresses.maxBytes),
    formats: JSON.parse(document.getElementById("upload-formats").textContent),
  };
  const wording = createWording(texts, document.documentElement.lang);
  const view = createView(root, wording, reasons);
  const server = createServer({ knownAddress: addresses.known });
  const batches = createBatches({ address: addresses.batch, headers: server.headers });
  const run = createRun({
    server,
    send: createTransport({
      loadUppy: () => import("./uppy.js").catch(() => ({})), // nothing of it where it does not arrive
      fileAddress: addresses.file,
      directAddress: addresses.direct,
      server,
      ...createFolders(root.querySelector("[data-part=sections]")),
    }),
    hash: createHasher(addresses.hashWorker),
    maxBytes: intake.maxBytes,
    formats: intake.formats,
    openDrop: batches.begin,
    onChange: () => view.show(run.state),
  });

  root.hidden = false;
  document.querySelector("[data-plain-form]").hidden = true;
  takeChosen(root, run, intake);
  takeDropped(root.querySelector("[data-part=drop]"), run, intake);
  connectButtons(root, run);
  connectBrowser(run);
}

function takeChosen(root, run, intake) {
  // Before it reaches the input: the desk's theme expects a text field beside each of them.
  const take = (event) => {
    const input = event.target;
    if (!input.files) {
      return; // a box
    }
    event.stopPropagation();
    const files = Array.from(input.files);
    input.value = ""; // the same folder may be chosen again
    run.add(fromList(files, intake));
  };
  root.addEventListener("change", take, { capture: true });
}

function takeDropped(zone, run, intake) {
  // The whole window: a folder that misses the box would otherwise replace the page.
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) {
      zone.classList.remove("is-over");
    }
  });
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    run.add(fromDrop(event.dataTransfer, intake));
  });
}

function connectButtons(root, run) {
  const on = (part, action) =>
    root.querySelector(`[data-part="${part}"]`).addEventListener("click", action);
  on("pause", run.pause);
  on("resume", run.resume);
  on("retry-now", run.goOn);
  on("retry-failed", run.retryFailed);
  on("save-problems", () => saveProblems(run.state.problems, root));
}

function connectBrowser(run) {
  const isActive = () => ["running", "paused", "offline", "signedOut"].includes(run.state.phase);
  window.addEventListener("online", run.goOn);
  // Back from the tab in which one signed in.
  window.addEventListener("focus", run.goOn);
  window.addEventListener("beforeunload", (event) => {
    if (isActive()) {
      event.preventDefault();
    }
  });
  keepAwake(isActive);
}

// A laptop that falls asleep ends its connection. Browsers drop the lock with the tab in the back.
function keepAwake(isActive) {
  let lock = null;
  setInterval(async () => {
    if (!navigator.wakeLock || document.visibilityState !== "visible") {
      return;
    }
    if (isActive() && (!lock || lock.released)) {
      lock = await navigator.wakeLock.request("screen").catch(() => null);
    } else if (!isActive() && lock) {
      await lock.release();
      lock = null;
    }
  }, 5_000);
}

function saveProblems(problems, root) {
  const reasons = JSON.parse(document.getElementById("upload-texts").textContent).reasons;
  const lines = problems.map(
    (item) => `${item.name}\t${item.reason ?? reasons[item.code] ?? item.code}`,
  );
  const address = URL.createObjectURL(new Blob([lines.join("\r\n")], { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), {
    href: address,
    download: root.dataset.problemFile,
  });
  link.click();
  URL.revokeObjectURL(address);
}
