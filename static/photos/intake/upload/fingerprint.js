// What can be said of a file before it is sent: whether it is a picture at all, and its hash.

// A code of the server's (findme.refusals.WORDS), or null where only the server can tell. `known` is
// what the server says of the formats that it reads (`starts` in photos/imaging/formats.py).
export async function refusal(blob, maxBytes, known, name = "") {
  if (blob.size === 0) {
    return "empty";
  }
  const head = new Uint8Array(await blob.slice(0, known.bytes).arrayBuffer());
  const other = known.others?.find((kind) => isOther(head, kind));
  const format = known.formats.find((one) => isOf(head, one));
  if (format && !other) {
    // Most raw files begin like a TIFF.
    const code = format.isLikeRaw ? codeOfName(name, known) : null;
    return code ?? (blob.size > maxBytes ? "too_large" : null);
  }
  const code = other?.code ?? codeOfName(name, known);
  return code ?? (blob.size > maxBytes ? "too_large" : kindOf(head, known));
}

// What a name tells of a file that is not looked into: a raw file, a video; else nothing.
export function codeOfName(name, known) {
  const suffix = /\.([^./]+)$/.exec(name)?.[1].toLowerCase();
  return known?.others?.find(({ suffixes }) => suffixes.includes(suffix))?.code;
}

// Of what is not read: whether it is a picture of a kind that is known by name.
function kindOf(head, known) {
  const isPicture = known.pictures?.some((bytes) => fits(head, [[0, bytes]])) || isMedia(head);
  return isPicture ? "unsupported_format" : "not_an_image";
}

function isMedia(head) {
  return fits(head, [[4, [0x66, 0x74, 0x79, 0x70]]]); // ftyp
}

function isOther(head, { starts, brands, without }) {
  return (
    starts.some((start) => fits(head, start)) ||
    (isMedia(head) &&
      brands.some((brand) => hasBrand(head, brand)) &&
      !without.some((brand) => hasBrand(head, brand)))
  );
}

function fits(head, start) {
  return start.every(([at, bytes]) => bytes.every((byte, place) => head[at + place] === byte));
}

function isOf(head, { starts, brands }) {
  const isBegun = starts.some((start) => fits(head, start));
  return isBegun && (!brands.length || brands.some((brand) => hasBrand(head, brand)));
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
