// Tells the server what of a drop has arrived, so that what is missing is remembered when this page
// is closed too early.

const EVERY_MS = 2_000;
const SIGN_OF_LIFE_MS = 30_000;
// As many as the server takes at once (photos/intake/batch_views.py).
const MOST_FILES = 20_000;
// Refused, and yet it may come: a card was pulled out, the way was bad, the event was closed.
const MAY_COME = new Set([
  "event_closed",
  "not_allowed",
  "unreadable_here",
  "size_differs",
  "hash_differs",
  "upload_lost",
  "upload_refused",
]);

// Python's `isspace` knows these too.
const OTHER_SPACES = "\x1c\x1d\x1e\x1f\x85";
// Controls, formats and halves of characters, less spaces and the signs that stay, as in `one_line`
// (findme/text.py).
const DROPPED = /(?![\t-\r\u061c\u200c-\u200f\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Cs}]/gu;
const VISIBLE = /[^\u061c\u200c-\u200f\u{e0020}-\u{e007f}]/u;

export function createBatches({ address, headers }) {
  const open = new Set();
  setInterval(() => open.forEach((batch) => tell(batch)), EVERY_MS);
  window.addEventListener("pagehide", () => open.forEach((batch) => tell(batch, true)));
  return { begin };

  // For a drop: `take` each of its files, then `end`.
  function begin() {
    const items = [];
    return {
      take: (item) => items.push(item),
      end: () => {
        for (let at = 0; at < items.length; at += MOST_FILES) {
          const batch = createBatch(items.slice(at, at + MOST_FILES));
          open.add(batch);
          tell(batch);
        }
      },
    };
  }

  async function tell(batch, isLast = false) {
    const missing = missingOf(batch);
    // Of two that look alike, in two folders, both have to be there.
    const unsettled = new Set(missing);
    const settled = [...batch.untold].filter((file) => !unsettled.has(file));
    const isNews = !batch.isKnown || settled.length > 0;
    const isQuiet = Date.now() - batch.toldAt > SIGN_OF_LIFE_MS;
    if (isLast ? !isNews : batch.isTelling || !(isNews || isQuiet)) {
      return;
    }
    batch.isTelling = true;
    const response = await fetch(address, {
      method: "POST",
      keepalive: isLast, // the page is gone when this arrives
      headers: { "Content-Type": "application/json", ...headers() },
      body: JSON.stringify(
        batch.isKnown
          ? { batch: batch.id, settled }
          : { files: batch.items.length, missing, settled },
      ),
    }).catch(() => null);
    const answer = response?.ok && (await response.json().catch(() => null));
    batch.isTelling = false;
    if (answer) {
      settled.forEach((file) => batch.untold.delete(file));
      Object.assign(batch, { id: answer.batch, isKnown: true, toldAt: Date.now() });
      if (!batch.untold.size) {
        open.delete(batch);
      }
    }
  }
}

function createBatch(items) {
  const files = items.map(fingerprintOf);
  return {
    items,
    files,
    untold: new Set(files), // what the server takes for missing
    id: null,
    isKnown: false,
    isTelling: false,
    toldAt: 0,
  };
}

function missingOf({ items, files }) {
  return files.filter((file, at) => !isSettled(items[at]));
}

// Whether it need not be sent again: it is there, or would be refused again.
export function isSettled({ state, code }) {
  return ["accepted", "known"].includes(state) || (state === "refused" && !MAY_COME.has(code));
}

// A number of 53 bits by which the server knows a file in whatever folder it lies: as `fingerprint`
// in photos/intake/batches.py, which makes it of photos that came by other ways.
export function fingerprintOf({ name, size }) {
  return (size % 2 ** 21) * 2 ** 32 + crc32(new TextEncoder().encode(cleanName(name)));
}

// As `clean_name` in photos/intake/ingest.py, which also cuts names that no disk could hold.
function cleanName(name) {
  const own = name.split(/[/\\]/).at(-1).normalize("NFC");
  const spaced = Array.from(own, (sign) => (OTHER_SPACES.includes(sign) ? " " : sign)).join("");
  const line = spaced.replace(DROPPED, "").trim().replace(/\s+/gu, " ");
  return VISIBLE.test(line) ? line : "photo";
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return ~crc >>> 0;
}
