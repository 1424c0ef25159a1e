// What can be said of a file before it is sent: whether it is a picture at all, and its hash.

// A code of the server's (findme.refusals.WORDS), or null where only the server can tell. `known` is
// what the server says of the formats that it reads (`starts` in photos/imaging/formats.py).
export async function refusal(blob, maxBytes, known) {
  if (blob.size === 0) {
    return "empty";
  }
  if (blob.size > maxBytes) {
    return "too_large";
  }
  const head = new Uint8Array(await blob.slice(0, known.bytes).arrayBuffer());
  const isRead = known.formats.some((format) => isOf(head, format));
  return isRead ? null : "unsupported_format";
}

function isOf(head, { start, brands }) {
  const fits = ([at, bytes]) => bytes.every((byte, place) => head[at + place] === byte);
  return start.every(fits) && (!brands.length || brands.some((brand) => hasBrand(head, brand)));
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
