// What can be said of a file before it is sent: whether it is a picture at all, and its hash.

// The first bytes of what the server takes; "ftyp" also begins videos, which the server tells apart.
const BEGINNINGS = [
  [0, [0xff, 0xd8, 0xff]], // JPEG
  [0, [0x89, 0x50, 0x4e, 0x47]], // PNG
  [8, [0x57, 0x45, 0x42, 0x50]], // WebP
  [4, [0x66, 0x74, 0x79, 0x70]], // HEIC
];
const VIDEO_BRANDS = ["qt  ", "isom", "iso2", "mp41", "mp42", "avc1", "M4V "];

// A code of the server's (findme.refusals.WORDS), or null where only the server can tell.
export async function refusal(blob, maxBytes) {
  if (blob.size === 0) {
    return "empty";
  }
  if (blob.size > maxBytes) {
    return "too_large";
  }
  const head = new Uint8Array(await blob.slice(0, 16).arrayBuffer());
  const fits = ([at, bytes]) => bytes.every((byte, place) => head[at + place] === byte);
  const brand = String.fromCharCode(...head.slice(8, 12));
  return BEGINNINGS.some(fits) && !VIDEO_BRANDS.includes(brand) ? null : "unsupported_format";
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
