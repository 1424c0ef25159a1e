// Where an archive lies until the browser has saved it: in the origin's private files, which are on
// disk, and where there are none in memory.

const PREFIX = "archive-";
const FORGOTTEN_MS = 60 * 60 * 1000;
// A phone has no more to spare; on disk what old programs can open.
const MOST_IN_MEMORY = 300 * 2 ** 20;
const MOST_ON_DISK = 2 * 2 ** 30;
// Many small pieces are put together, so that the browser can take them out of the page's memory.
const PIECE = 8 * 2 ** 20;

// For archives of so many bytes in all.
export async function findPlace(bytes) {
  const folder = await privateFolder(Math.min(bytes, MOST_ON_DISK));
  return folder
    ? { isOnDisk: true, mostBytes: MOST_ON_DISK, open: () => onDisk(folder) }
    : { isOnDisk: false, mostBytes: MOST_IN_MEMORY, open: inMemory };
}

// What a page that was closed too early left behind. Younger ones may be another page's.
export async function removeForgotten(now = Date.now()) {
  const folder = await navigator.storage?.getDirectory?.().catch(() => null);
  for await (const name of folder?.keys?.() ?? []) {
    if (name.startsWith(PREFIX) && now - Number(name.split("-")[1]) > FORGOTTEN_MS) {
      await folder.removeEntry(name).catch(() => {});
    }
  }
}

async function privateFolder(bytes) {
  try {
    const folder = await navigator.storage.getDirectory();
    const { quota, usage } = await navigator.storage.estimate();
    const canWrite = "createWritable" in FileSystemFileHandle.prototype;
    // The file is written beside, and then moved: some browsers copy it.
    return canWrite && quota - usage > 2.2 * bytes ? folder : null;
  } catch {
    return null; // private windows have none
  }
}

async function onDisk(folder) {
  const name = `${PREFIX}${Date.now()}-${Math.random().toString(36).slice(2)}.zip`;
  const handle = await folder.getFileHandle(name, { create: true });
  const target = await handle.createWritable();
  return {
    // One of our own: whoever writes keeps it locked, and what is locked is not given up.
    writable: new WritableStream({
      write: (piece) => target.write(piece),
      close: () => target.close(),
    }),
    file: () => handle.getFile(),
    async discard() {
      await target.abort().catch(() => {}); // it may be closed
      await folder.removeEntry(name).catch(() => {});
    },
  };
}

async function inMemory() {
  let whole = [];
  let pieces = [];
  let size = 0;
  const writable = new WritableStream({
    write(piece) {
      pieces.push(piece);
      size += piece.length;
      if (size >= PIECE) {
        whole.push(new Blob(pieces));
        pieces = [];
        size = 0;
      }
    },
  });
  return {
    writable,
    file: async () => new Blob([...whole, ...pieces], { type: "application/zip" }),
    discard: async () => {
      whole = [];
      pieces = [];
    },
  };
}
