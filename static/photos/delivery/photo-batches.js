// Share sheets take few files, and a phone holds all of them in memory: photos go in batches, one
// tap for each, as browsers ask for.

const MOST = 10;
const MOST_BYTES = 64 * 2 ** 20;

// In as few batches as may be, in order: `[id, name, bytes]` each.
export function batchesOf(photos, { most = MOST, mostBytes = MOST_BYTES } = {}) {
  const batches = [];
  let bytes = 0;
  for (const photo of photos) {
    bytes += photo[2];
    if (!batches.length || batches.at(-1).length === most || bytes > mostBytes) {
      batches.push([]);
      [, , bytes] = photo;
    }
    batches.at(-1).push(photo);
  }
  return batches;
}

// Until the sheet took them. Fetching takes longer than a browser lets a tap count: then, and where
// the sheet was closed, `offer` makes a button of it that shares in its own tap.
export async function handOver(files, offer) {
  let tap = async (act) => act();
  for (;;) {
    const outcome = await tap(() => shared(files));
    if (outcome === "shared") {
      return;
    }
    tap = offer;
  }
}

async function shared(files) {
  try {
    await navigator.share({ files });
    return "shared";
  } catch (error) {
    if (["NotAllowedError", "AbortError"].includes(error.name)) {
      return error.name;
    }
    throw error;
  }
}

export function labelOf(count, isFirst, { one, some, next }) {
  return count === 1 ? one : (isFirst ? some : next).replace("{}", count);
}
