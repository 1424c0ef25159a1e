// Files as people give them: chosen, dropped with whole folders, or packed in ZIP archives.
// Each comes out as { name, size, open, refused }: `open` gives its bytes as a Blob, as often as
// asked; `refused` is a code where there is nothing to open.

import { codeOfName } from "./fingerprint.js";
import { namesOf } from "./zip-names.js";

// As the server's import does (photos/intake/archives.py).
const IGNORED = new Set(["Thumbs.db", "desktop.ini", "__MACOSX"]);
const MAX_ENTRIES = 50_000;
const MAX_RATIO = 100;
const MAX_RATIO_OF_ALL = 10;
const RATIO_FROM_BYTES = 2 ** 20;
const RATIO_OF_ALL_FROM_BYTES = 2 ** 30;
const METHODS = new Set([0, 8]); // stored and deflated

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
  const entries = await reader.getEntries().catch(() => null);
  const code = entries ? refusalOfAll(entries, file.size) : "bad_archive";
  if (code) {
    yield { name: path, size: 0, refused: code };
    return;
  }
  const names = namesOf(entries);
  const isPhoto = (name) => !name.endsWith("/") && !isIgnored(name);
  if (!names.some(isPhoto)) {
    yield { name: path, size: 0, refused: "empty_archive" };
  }
  for (const [at, name] of names.entries()) {
    if (isPhoto(name)) {
      yield fromArchiveEntry(entries[at], name, path, settings);
    }
  }
}

function refusalOfAll(entries, size) {
  if (entries.length > MAX_ENTRIES) {
    return "too_many_entries";
  }
  const sum = (some, field) => some.reduce((total, entry) => total + entry[field], 0);
  const unpacked = sum(
    entries.filter((entry) => !isBomb(entry)),
    "uncompressedSize",
  );
  const isOverlapping = sum(entries, "compressedSize") > size;
  const isTooMuch = unpacked > Math.max(RATIO_OF_ALL_FROM_BYTES, MAX_RATIO_OF_ALL * size);
  return isOverlapping || isTooMuch ? "archive_bomb" : null;
}

function isBomb({ uncompressedSize, compressedSize }) {
  return uncompressedSize > Math.max(RATIO_FROM_BYTES, MAX_RATIO * compressedSize);
}

function fromArchiveEntry(entry, name, path, settings) {
  return {
    name: `${path}/${name}`,
    size: entry.uncompressedSize,
    refused: refusalOf(entry, name, settings),
    open: () => unpack(entry, entry.uncompressedSize),
  };
}

function refusalOf(entry, name, { maxBytes, formats }) {
  if (entry.encrypted) {
    return "encrypted";
  }
  if (/\.zip$/i.test(name)) {
    return "nested_archive";
  }
  if (!METHODS.has(entry.compressionMethod)) {
    return "packed_unknown";
  }
  if (isBomb(entry)) {
    return "entry_bomb";
  }
  return entry.uncompressedSize > maxBytes ? (codeOfName(name, formats) ?? "too_large") : undefined;
}

// An entry may be damaged, or unpack to more than it says: then it is left.
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
  try {
    await entry.getData(sink, { checkSignature: true });
  } catch (error) {
    throw Object.assign(error, { refused: "unreadable" });
  }
  return new Blob(parts);
}

function isIgnored(path) {
  return path
    .split(/[/\\]/)
    .some((part) => IGNORED.has(part) || (part.startsWith(".") && part !== "." && part !== ".."));
}
