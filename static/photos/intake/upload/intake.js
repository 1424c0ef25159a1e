// Files as people give them: chosen, dropped with whole folders, or packed in ZIP archives.
// Each comes out as { name, size, open, refused }: `open` gives its bytes as a Blob, as often as
// asked; `refused` is a code where there is nothing to open.

import { codeOfName } from "./fingerprint.js";

// As the server's import does (photos/intake/archives.py).
const IGNORED = new Set(["Thumbs.db", "desktop.ini", "__MACOSX"]);
const MAX_ENTRIES = 50_000;
const MAX_RATIO = 100;
const RATIO_FROM_BYTES = 2 ** 20;

export async function* fromList(files, settings) {
  for (const file of files) {
    yield* fromFile(file, file.webkitRelativePath || file.name, settings);
  }
}

// To be called at once in the drop's handler: afterwards the browser forgets what was dropped.
export function fromDrop(transfer, settings) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = Array.from(transfer.files);
  return entries.length ? fromEntries(entries, settings) : fromList(files, settings);
}

async function* fromEntries(entries, settings) {
  for (const entry of entries) {
    if (entry.isDirectory) {
      yield* fromEntries(await children(entry), settings);
    } else {
      yield* fromEntry(entry, settings);
    }
  }
}

async function* fromEntry(entry, settings) {
  const path = entry.fullPath.replace(/^\//, "");
  try {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    yield* fromFile(file, path, settings);
  } catch {
    yield { name: path, size: 0, refused: "unreadable" };
  }
}

// A folder is read in portions, the end being an empty one.
async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) {
      return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    }
    all.push(...some);
  }
}

async function* fromFile(file, path, settings) {
  if (isIgnored(path)) {
    return;
  }
  if (/\.zip$/i.test(path)) {
    yield* fromArchive(file, path, settings);
  } else {
    yield { name: path, size: file.size, open: async () => file };
  }
}

// Unpacked here, entry by entry: what the event has already is never sent, and a connection that
// breaks costs one photo, not the whole archive.
async function* fromArchive(file, path, { loadZip, ...settings }) {
  const { BlobReader, ZipReader, configure } = await loadZip();
  configure({ useWebWorkers: false }); // the browser's own decompression runs beside the page
  // Any name will do: it is shown, and leads nowhere.
  const reader = new ZipReader(new BlobReader(file), { filenameValidation: "tolerant" });
  let count = 0;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (entry.directory || isIgnored(entry.filename)) {
        continue;
      }
      if (++count > MAX_ENTRIES) {
        yield { name: path, size: 0, refused: "too_many_entries" };
        return;
      }
      yield fromArchiveEntry(entry, path, settings);
    }
  } catch {
    yield { name: path, size: 0, refused: "bad_archive" };
  }
}

function fromArchiveEntry(entry, path, settings) {
  const size = entry.uncompressedSize;
  return {
    name: `${path}/${entry.filename}`,
    size,
    refused: refusalOf(entry, settings),
    open: () => unpack(entry, size),
  };
}

function refusalOf(
  { encrypted, filename, uncompressedSize, compressedSize },
  { maxBytes, formats },
) {
  if (encrypted) {
    return "encrypted";
  }
  if (/\.zip$/i.test(filename)) {
    return "nested_archive";
  }
  if (uncompressedSize > Math.max(RATIO_FROM_BYTES, MAX_RATIO * compressedSize)) {
    return "archive_bomb";
  }
  return uncompressedSize > maxBytes ? (codeOfName(filename, formats) ?? "too_large") : undefined;
}

// An entry may unpack to more than it says: then it is left.
async function unpack(entry, size) {
  const parts = [];
  let length = 0;
  const sink = new WritableStream({
    write(part) {
      length += part.length;
      if (length > size) {
        throw new Error("the archive's entry is longer than it says");
      }
      parts.push(part.slice());
    },
  });
  await entry.getData(sink);
  return new Blob(parts);
}

function isIgnored(path) {
  return path
    .split(/[/\\]/)
    .some((part) => IGNORED.has(part) || (part.startsWith(".") && part !== "." && part !== ".."));
}
