// What can be said of a file before it is sent: whether it is a picture at all, and its hash.

// A code of the server's (findme.refusals.WORDS), or null where only the server can tell. `known` is
// what the server says of the formats that it reads (`starts` in photos/imaging/formats.py).
export async function refusal(blob, maxBytes, known, name = "") {
  if (blob.size === 0) {
    return "empty";
  }
  const head = new Uint8Array(await blob.slice(0, known.bytes).arrayBuffer());
  const isRead = known.formats.some((format) => isOf(head, format));
  if (isRead) {
    return blob.size > maxBytes ? "too_large" : null;
  }
  const other = known.others?.find((kind) => isOther(head, kind));
  const code = other?.code ?? codeOfName(name, known);
  return code ?? (blob.size > maxBytes ? "too_large" : "unsupported_format");
}

// What a name tells of a file that is not looked into: a raw file, a video; else nothing.
export function codeOfName(name, known) {
  const suffix = name.split(".").at(-1).toLowerCase();
  return known?.others?.find(({ suffixes }) => suffixes.includes(suffix))?.code;
}

function isOther(head, { starts, brands, without }) {
  const isMedia = fits(head, [[4, [0x66, 0x74, 0x79, 0x70]]]); // ftyp
  return (
    starts.some((start) => fits(head, start)) ||
    (isMedia &&
      brands.some((brand) => hasBrand(head, brand)) &&
      !without.some((brand) => hasBrand(head, brand)))
  );
}

function fits(head, start) {
  return start.every(([at, bytes]) => bytes.every((byte, place) => head[at + place] === byte));
}

function isOf(head, { start, brands }) {
  return fits(head, start) && (!brands.length || brands.some((brand) => hasBrand(head, brand)));
}

// Whether an ISO base media file, which may be a picture or a video, calls itself so.
function hasBrand(head, brand) {
  const size = new DataView(head.buffer).getUint32(0);
  const box = String.fromCharCode(...head.subarray(8, size));
  return box.match(/[^]{4}/g)?.includes(brand) ?? false;
}

// Browsers offer hashing to pages of https and of this machine only. Without it everything is sent,
// and the server finds what it has.
export function createHasher(workerAddress) {
  if (!globalThis.crypto?.subtle) {
    return null;
  }
  const worker = new Worker(workerAddress);
  const waiting = new Map();
  let last = 0;
  worker.addEventListener("message", ({ data: { id, hex, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    error ? reject(new Error(error)) : resolve(hex);
  });
  return (blob) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage({ id: last, blob });
    });
}
