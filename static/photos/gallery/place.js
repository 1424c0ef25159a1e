// Where in a gallery one is, for a reload and for who comes back: the photo that is looked at, and the
// address of its page. Browsers keep pixels, of a document that had other pages above.

// Browsers refuse more than some changes of address a second. When a page is reloaded it is too late:
// what is noted then they forget.
const SETTLED_MS = 150;

export class Place {
  // `pages`: { addressOf(tile), loadOlder(), loadNewer() }
  constructor(pages) {
    this.pages = pages;
    this.settling = 0;
    const { place } = history.state ?? {};
    history.scrollRestoration = "manual";
    if (place) {
      this.#restore(place);
    }
    window.addEventListener("scroll", () => this.#noteSoon(), { passive: true });
  }

  #noteSoon() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.#note(), SETTLED_MS);
  }

  // Under the viewer the address is that of its photo.
  #note() {
    const isAtTop = window.scrollY <= 0;
    const tile = isAtTop ? document.querySelector("#photos .tile") : tileInSight();
    if (!tile || history.state?.viewer) {
      return;
    }
    const place = isAtTop ? null : { id: tile.id, top: topOf(tile) };
    history.replaceState({ ...history.state, place }, "", this.pages.addressOf(tile));
  }

  // Near an end of its page a photo stands where it stood only when the page beside it is there too.
  async #restore({ id, top }) {
    const controller = new AbortController();
    const { signal } = controller;
    for (const type of ["pointerdown", "wheel", "keydown"]) {
      window.addEventListener(type, () => controller.abort(), { signal, passive: true });
    }
    const missing = scrollTo(id, top);
    if (missing) {
      await (missing > 0 ? this.pages.loadOlder() : this.pages.loadNewer());
      if (!signal.aborted) {
        scrollTo(id, top);
      }
    }
    controller.abort();
  }
}

// Returns by how many pixels the document is too short for it.
function scrollTo(id, top) {
  const tile = document.getElementById(id);
  if (!tile) {
    return 0;
  }
  window.scrollBy({ top: topOf(tile) - top, behavior: "instant" });
  return topOf(tile) - top;
}

// The one nearest to the middle of the screen: what is above the photos of a page differs.
function tileInSight() {
  const middle = window.innerHeight / 2;
  const far = (tile) => Math.abs(tile.getBoundingClientRect().top - middle);
  const tiles = [...document.querySelectorAll("#photos .tile")];
  return tiles.reduce((best, tile) => (best && far(best) <= far(tile) ? best : tile), null);
}

function topOf(tile) {
  return Math.round(tile.getBoundingClientRect().top);
}
