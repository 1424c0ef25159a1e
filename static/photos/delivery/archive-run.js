// Builds archives of photos that are fetched one by one. Nothing of a page is known here.

import { Failed, fetchPhoto, Gone } from "./archive-fetch.js";

// More would only take the network from those who look.
const AT_ONCE = 2;

// In as few archives as may be, in order: `[id, name, bytes]` each.
export function partsOf(photos, mostBytes) {
  const parts = [];
  let room = 0;
  for (const photo of photos) {
    room -= photo[2];
    if (room < 0 || parts.length === 0) {
      parts.push([]);
      room = mostBytes - photo[2];
    }
    parts.at(-1).push(photo);
  }
  return parts;
}

// What is to be said of it, each time something changed.
export class Progress {
  done = 0;
  bytes = 0;
  gone = 0;
  failed = 0;
  waits = 0;

  constructor(photos, onChange = () => {}) {
    this.all = photos.length;
    this.allBytes = photos.reduce((sum, [, , bytes]) => sum + bytes, 0);
    this.onChange = onChange;
  }

  add(changes) {
    for (const [name, amount] of Object.entries(changes)) {
      this[name] += amount;
    }
    this.onChange(this);
  }
}

// One archive, written to `writable`. What went meanwhile is left out; null where nothing is left.
export async function writeArchive(photos, { zip, writable, ...settings }) {
  // Without data descriptors, which old programs do not read in what is stored.
  const archive = new zip.ZipWriter(writable, { level: 0, dataDescriptor: false });
  let count = 0;
  for await (const { name, blob } of arriving(photos, settings)) {
    await archive.add(name, new zip.BlobReader(blob));
    count += 1;
  }
  await archive.close();
  return count;
}

// Photos as they come, in order, without those that went meanwhile: `{ name, blob }` each.
export async function* arriving(photos, { address, progress, signal, sleep }) {
  const settings = {
    signal,
    sleep,
    onBytes: (bytes) => progress.add({ bytes }),
    onWait: (isWaiting) => progress.add({ waits: isWaiting ? 1 : -1 }),
  };
  const fetchOne = async ([id, name]) => ({
    name,
    blob: await unlessGone(fetchPhoto(address.replace("/0/", `/${id}/`), settings), progress),
  });
  for await (const { name, blob } of ahead(photos, fetchOne)) {
    if (blob) {
      yield { name, blob };
    }
    progress.add({ done: 1 });
  }
}

async function unlessGone(fetching, progress) {
  try {
    return await fetching;
  } catch (error) {
    if (error instanceof Gone) {
      progress.add({ gone: 1 });
    } else if (error instanceof Failed) {
      progress.add({ failed: 1 });
    } else {
      throw error;
    }
    return null;
  }
}

// The results in order, while the next is under way already.
async function* ahead(items, start) {
  const underWay = [];
  for (const item of items) {
    const one = start(item);
    one.catch(() => {}); // it is heard of in its turn
    underWay.push(one);
    if (underWay.length === AT_ONCE) {
      yield await underWay.shift();
    }
  }
  while (underWay.length) {
    yield await underWay.shift();
  }
}
