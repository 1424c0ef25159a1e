// Takes many photos home: this browser fetches them one by one and puts them into a ZIP archive, so
// that nobody waits for a turn at the server, and a connection that breaks costs little. The form
// that is sent without scripts names the photos.

import { checked, persist, Refused } from "./archive-fetch.js";
import { ArchivePanel } from "./archive-panel.js";
import { partsOf, Progress, writeArchive } from "./archive-run.js";
import { findPlace, removeForgotten } from "./archive-store.js";

const panel = ArchivePanel.find();
let running = null;

if (panel) {
  removeForgotten();
}

export function canBuildArchives() {
  return Boolean(panel && globalThis.WritableStream && Blob.prototype.stream);
}

// One at a time: a second one only shows the first.
export async function buildArchive(form, submitter) {
  panel.show();
  if (running) {
    return;
  }
  running = new AbortController();
  const { signal } = running;
  const leave = (event) => event.preventDefault();
  window.addEventListener("beforeunload", leave);
  const lock = await keepAwake();
  try {
    panel.begin(() => running?.abort());
    await run(
      new FormData(form, submitter),
      submitter?.getAttribute("formaction") ?? form.action,
      signal,
    );
  } catch (error) {
    panel.fail(signal.aborted ? "cancelled" : error instanceof Refused ? "refused" : "failed");
  } finally {
    running.abort(); // where one photo was refused, another may be under way
    running = null;
    window.removeEventListener("beforeunload", leave);
    lock?.release();
  }
}

async function run(body, action, signal) {
  // Where the answer breaks off it is asked for again, and counts as one download.
  body.set("once", `${Date.now()}-${Math.random()}`);
  const waits = { signal, onWait: (isWaiting) => panel.wait(isWaiting) };
  const [list, zip] = await Promise.all([
    persist(() => fetchList(action, body, signal), waits),
    persist(() => import("@zip.js/zip.js/dist/zip-core-external.min.js"), waits),
  ]);
  zip.configure({ useWebWorkers: false }); // there is nothing to compress
  if (list.photos.length < 2) {
    panel.leadTo(list.photos.length ? list.address.replace("/0/", `/${list.photos[0][0]}/`) : null);
    return;
  }
  const progress = new Progress(list.photos, (now) => panel.paint(now));
  const place = await findPlace(progress.allBytes);
  const parts = partsOf(list.photos, place.mostBytes);
  for (const [at, photos] of parts.entries()) {
    const suffix = parts.length > 1 ? `-${at + 1}-of-${parts.length}` : "";
    const settings = { ...list, zip, progress, signal };
    const isLast = at === parts.length - 1;
    await buildPart(photos, place, `${list.name}${suffix}.zip`, { settings, isLast });
  }
  panel.end(progress);
}

async function fetchList(action, body, signal) {
  const headers = { Accept: "application/json" };
  const response = await fetch(action, { method: "POST", headers, body, signal });
  return checked(response).json();
}

async function buildPart(photos, place, name, { settings, isLast }) {
  const target = await place.open();
  let count = 0;
  try {
    count = await writeArchive(photos, { ...settings, writable: target.writable });
    if (count) {
      panel.save(await target.file(), name, target.discard);
    }
  } finally {
    if (!count) {
      await target.discard();
    }
  }
  if (count && !isLast && !place.isOnDisk) {
    // Memory holds one of them at a time: it goes on when the guest has this one.
    await panel.untilSaved(settings.signal);
  }
}

// A phone that goes to sleep takes the network away. Not every browser can, nor may.
async function keepAwake() {
  try {
    return await navigator.wakeLock.request("screen");
  } catch {
    return null;
  }
}
