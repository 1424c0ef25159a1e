// Takes many photos home: this browser fetches them one by one and puts them into a ZIP archive, or
// gives them to the phone's share sheet, so that nobody waits for a turn at the server, and a
// connection that breaks costs little. The form that is sent without scripts names the photos.

import { checked, persist, Refused } from "./archive-fetch.js";
import { ArchivePanel } from "./archive-panel.js";
import { arriving, partsOf, Progress, writeArchive } from "./archive-run.js";
import { findPlace, removeForgotten } from "./archive-store.js";
import { batchesOf, handOver, labelOf } from "./photo-batches.js";

const panel = ArchivePanel.find();
let running = null;

removeForgotten();

// One at a time: a second one only shows the first. `way`: "archive", or by the share sheet "save",
// "share".
export async function takeHome({ body, action }, { way, sizeName, onOtherSize }) {
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
    panel.sayWhichSize(sizeName, () => {
      running?.abort();
      onOtherSize();
    });
    await (way === "archive" ? archive : handOut)(body, action, { way, signal });
  } catch (error) {
    panel.fail(signal.aborted ? "cancelled" : error instanceof Refused ? "refused" : "failed");
  } finally {
    running.abort(); // where one photo was refused, another may be under way
    running = null;
    window.removeEventListener("beforeunload", leave);
    lock?.release();
  }
}

// Batch by batch to the share sheet.
async function handOut(body, action, { way, signal }) {
  const list = await listed(action, body, signal);
  const progress = new Progress(list.photos, (now) => panel.paint(now));
  for (const [at, photos] of batchesOf(list.photos).entries()) {
    const files = [];
    for await (const { name, blob } of arriving(photos, { ...list, progress, signal })) {
      files.push(new File([blob], name, { type: typeOf(name) }));
    }
    if (files.length) {
      const label = labelOf(files.length, at === 0, panel.labelsOf(way));
      await handOver(files, (act) => panel.untilTapped(label, act, signal));
    }
  }
  panel.end(progress);
}

// Fetched in parts, a photo has lost its type. Share sheets ask for it.
function typeOf(name) {
  const suffix = name.split(".").at(-1);
  return `image/${suffix === "jpg" ? "jpeg" : suffix}`;
}

function listed(action, body, signal) {
  // Where the answer breaks off it is asked for again, and counts as one download.
  body.set("once", `${Date.now()}-${Math.random()}`);
  const waits = { signal, onWait: (isWaiting) => panel.wait(isWaiting) };
  return persist(() => fetchList(action, body, signal), waits);
}

async function archive(body, action, { signal }) {
  const waits = { signal, onWait: (isWaiting) => panel.wait(isWaiting) };
  const [list, zip] = await Promise.all([
    listed(action, body, signal),
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
