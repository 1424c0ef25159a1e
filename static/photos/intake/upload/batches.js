// Tells the server how much of what was dropped has arrived, so that it is remembered when this page
// is closed too early. The same files make the same batch, whenever they are dropped.

const EVERY_MS = 2_000;
const SIGN_OF_LIFE_MS = 30_000;

export function createBatches({ address, headers, run }) {
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
        if (items.length) {
          const batch = { items, key: keyOf(items), told: -1, toldAt: 0, isTelling: false };
          open.add(batch);
          tell(batch);
        }
      },
    };
  }

  async function tell(batch, isLast = false) {
    const sent = countSent(batch.items, run().stopCode);
    const isNews = sent !== batch.told;
    const isQuiet = Date.now() - batch.toldAt > SIGN_OF_LIFE_MS;
    if (isLast ? !isNews : batch.isTelling || !(isNews || isQuiet)) {
      return;
    }
    batch.isTelling = true;
    const files = batch.items.length;
    const response = await fetch(address, {
      method: "POST",
      keepalive: isLast, // the page is gone when this arrives
      headers: { "Content-Type": "application/json", ...headers() },
      body: JSON.stringify({ key: batch.key, files, sent }),
    }).catch(() => null);
    batch.isTelling = false;
    if (response?.ok) {
      Object.assign(batch, { told: sent, toldAt: Date.now() });
      if (sent === files && countSent(batch.items, run().stopCode) === files) {
        open.delete(batch);
      }
    }
  }
}

// What need not be sent again: it is there, or would be refused again.
export function countSent(items, stopCode) {
  return items.filter(
    ({ state, code }) =>
      state === "accepted" || state === "known" || (state === "refused" && code !== stopCode),
  ).length;
}

// Of names and sizes, in whatever order a browser lists them.
export function keyOf(items) {
  const lines = items.map(({ name, size }) => `${name}\t${size}`).sort();
  return `${hashOf(lines.join("\n")).toString(16)}-${items.length.toString(16)}`;
}

// cyrb53 (public domain): 53 bits, also in pages that are offered no cryptography.
function hashOf(text) {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
