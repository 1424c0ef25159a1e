// Fetches until all of it is here: a connection that breaks costs what was under way, a server that
// has too much to do is asked again when it says so.

// Whoever asks is told these; everything else is tried again.
export class Gone extends Error {} // removed or hidden meanwhile
export class Refused extends Error {} // signed out, or no longer allowed
export class Failed extends Error {} // the server cannot, several times

const FINAL = [Gone, Refused, Failed];
const STALLED_MS = 30_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_FAILURES = 5; // of the server's own; a connection may break any number of times

// What the server answered, if it is of use.
export function checked(response) {
  if (response.status === 404 || response.status === 410) {
    throw new Gone();
  }
  // Who has signed out elsewhere is led to the page where one signs in, which is no answer.
  if (response.redirected || response.status === 401 || response.status === 403) {
    throw new Refused();
  }
  if (
    response.status >= 400 &&
    response.status < 500 &&
    ![408, 416, 429].includes(response.status)
  ) {
    throw new Failed();
  }
  if (!response.ok) {
    const error = new Error(`HTTP ${response.status}`);
    error.retryAfter = Number(response.headers.get("Retry-After"));
    error.isServers = !error.retryAfter;
    throw error;
  }
  return response;
}

// Tries again until it works. `onWait` hears when it waits, and when that is over.
export async function persist(attempt, { signal, onWait = () => {}, sleep = pause }) {
  let failures = 0;
  let ofServer = 0;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || FINAL.some((kind) => error instanceof kind)) {
        throw error;
      }
      failures = error.hasProgressed ? 1 : failures + 1;
      ofServer += error.isServers ? 1 : 0;
      if (ofServer > MOST_FAILURES) {
        throw new Failed();
      }
      onWait(true);
      await sleep(waitOf(error, failures), signal);
      onWait(false);
    }
  }
}

function waitOf({ retryAfter }, failures) {
  return retryAfter ? retryAfter * 1000 : Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures);
}

// Cut short where the network comes back.
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) {
        reject(signal.reason);
      } else {
        resolve();
      }
    };
    const timer = setTimeout(end, ms);
    globalThis.addEventListener?.("online", end);
    signal.addEventListener("abort", end);
  });
}

// One photo as a Blob. `onBytes` hears how many more are here, less than none where it begins anew.
export function fetchPhoto(address, { onBytes = () => {}, ...settings }) {
  const photo = new Arriving(onBytes);
  return persist(() => arrive(photo, address, settings.signal), settings);
}

async function arrive(photo, address, signal) {
  const watch = watched(signal);
  const had = photo.received;
  try {
    const { headers } = photo;
    const response = checked(
      await fetch(address, { headers, signal: watch.signal, cache: "no-store" }),
    );
    photo.begin(response);
    const reader = response.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      watch.again();
      photo.add(read.value);
    }
    return photo.blob();
  } catch (error) {
    error.hasProgressed = photo.received > had;
    throw error;
  } finally {
    watch.end();
  }
}

class Arriving {
  received = 0;
  #pieces = [];
  #length = null;
  #etag = null;

  constructor(onBytes) {
    this.onBytes = onBytes;
  }

  // Where a part is here: only the rest, of the same version.
  get headers() {
    return this.received && this.#etag
      ? { Range: `bytes=${this.received}-`, "If-Range": this.#etag }
      : {};
  }

  begin(response) {
    if (response.status !== 206) {
      this.#restart();
      this.#length = Number(response.headers.get("Content-Length")) || null;
      this.#etag = response.headers.get("ETag");
    }
  }

  add(piece) {
    this.#pieces.push(piece);
    this.received += piece.length;
    this.onBytes(piece.length);
  }

  blob() {
    const isWhole = this.#length === null || this.received === this.#length;
    if (!isWhole) {
      throw new Error("broken off");
    }
    return new Blob(this.#pieces);
  }

  #restart() {
    this.onBytes(-this.received);
    this.received = 0;
    this.#pieces = [];
  }
}

// A connection that brings nothing for a while counts as broken: phones leave them open for ever.
function watched(signal) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal.addEventListener("abort", stop);
  let timer = setTimeout(stop, STALLED_MS);
  return {
    signal: controller.signal,
    again() {
      clearTimeout(timer);
      timer = setTimeout(stop, STALLED_MS);
    },
    end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}
