// How the photos of the list stand: as the server said last, and as they will once it has answered.

// So near the end of what is known, more is asked for.
const AHEAD = 8;

export function createPhotos({ ids, told, ask }) {
  const confirmed = new Map(told.map((photo) => [photo.id, photo]));
  const shown = new Map(confirmed);
  let asking = null;

  return { of: (id) => shown.get(id), expect, confirm, takeBack, need };

  // What a decision will make of a photo, before the server has answered.
  function expect(id, change) {
    shown.set(id, { ...shown.get(id), ...change });
  }

  function confirm(photo) {
    confirmed.set(photo.id, photo);
    shown.set(photo.id, photo);
  }

  function takeBack(id) {
    shown.set(id, confirmed.get(id));
  }

  // Resolves once the photo is known; those around it come along, and those ahead in time.
  async function need(at) {
    if (!shown.has(ids[at])) {
      await load(ids[at]);
    }
    const ahead = ids[Math.min(ids.length - 1, at + AHEAD)];
    if (!shown.has(ahead)) {
      load(ahead).catch(() => {}); // asked for again when it is needed
    }
    return shown.get(ids[at]);
  }

  async function load(id) {
    asking ??= ask(id).finally(() => {
      asking = null;
    });
    for (const photo of await asking) {
      if (!shown.has(photo.id)) confirm(photo);
    }
    if (!shown.has(id)) {
      for (const photo of await ask(id)) if (!shown.has(photo.id)) confirm(photo);
    }
  }
}

// What a decision makes of a photo.
export function changeOf(deed) {
  if (deed.startsWith("section-")) return { section: Number(deed.slice("section-".length)) };
  return {
    hide: { hidden: true },
    show: { hidden: false, waits: false },
    approve: { hidden: false, waits: false },
    reject: { hidden: true, waits: false },
    highlight: { highlight: true },
    plain: { highlight: false },
  }[deed];
}
