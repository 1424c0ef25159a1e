// A finger that rests on a photo selects it, and all that it then goes over; at the edges of the
// screen the gallery moves on under it. A finger that moves at once scrolls, as ever.

const HOLD_MS = 450;
// A finger never lies quite still.
const STILL_PX = 10;
// So near to an edge the gallery moves, and so fast at most, in pixels a frame.
const EDGE_PX = 112;
const FASTEST_PX = 18;

// How far the gallery moves in a frame with a finger at `y` on a screen of that height.
export function scrollStep(y, height, edge = EDGE_PX) {
  const above = edge - y;
  const below = y - (height - edge);
  const share = Math.min(1, Math.max(above, below, 0) / edge);
  const step = Math.round(share * FASTEST_PX);
  return step && above > below ? -step : step;
}

export class SelectionTouch {
  #timer = 0;
  #start = null;
  #finger = null; // of the drag, where it is
  #last = null; // the photo it was over
  #target = null; // what hears of the finger, also when its page was put away meanwhile

  // `tileAt(x, y)`, and what to do: `hold(tile)` when it has rested, `over(tile)` when it goes on.
  constructor(gallery, { tileAt, hold, over }) {
    Object.assign(this, { gallery, tileAt, hold, over });
    gallery.addEventListener("touchstart", (event) => this.#begin(event), { passive: true });
    this.listeners = {
      touchmove: (event) => this.#move(event),
      touchend: (event) => this.#lift(event),
      touchcancel: () => this.#end(),
    };
    this.#listen(gallery);
    // The browser's own answers to a finger that rests: a menu, a link that is dragged away.
    for (const type of ["contextmenu", "dragstart"]) {
      gallery.addEventListener(type, (event) => this.#start && event.preventDefault());
    }
  }

  // Whether a finger scrolls is decided by its first move: to answer, it must be able to say no.
  #listen(element) {
    for (const [type, listener] of Object.entries(this.listeners)) {
      element.addEventListener(type, listener, { passive: false });
    }
  }

  #unlisten(element) {
    for (const [type, listener] of Object.entries(this.listeners)) {
      element?.removeEventListener(type, listener);
    }
  }

  #begin({ touches, target }) {
    this.#end();
    const [{ clientX: x, clientY: y }] = touches;
    const tile = touches.length === 1 && this.tileAt(x, y);
    if (tile) {
      this.#start = { x, y };
      this.#target = target;
      this.#timer = setTimeout(() => this.#rest(tile), HOLD_MS);
    }
  }

  #rest(tile) {
    this.#finger = this.#start;
    this.#last = tile;
    this.#listen(this.#target);
    navigator.vibrate?.(10);
    this.hold(tile);
    this.#follow();
  }

  #move(event) {
    const [{ clientX: x, clientY: y }] = event.touches;
    if (this.#finger) {
      event.preventDefault();
      this.#finger = { x, y };
      this.#look();
    } else if (this.#start && Math.hypot(x - this.#start.x, y - this.#start.y) > STILL_PX) {
      this.#end();
    }
  }

  // A finger that has rested makes no tap when it goes, on whatever is under it by then.
  #lift(event) {
    if (this.#finger && event.cancelable) {
      event.preventDefault();
    }
    this.#end();
  }

  #end() {
    clearTimeout(this.#timer);
    if (this.#finger) {
      // The tap that a browser may make of it is none.
      const swallow = (event) => {
        event.stopPropagation();
        event.preventDefault();
      };
      this.gallery.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => this.gallery.removeEventListener("click", swallow, true), 400);
    }
    this.#unlisten(this.#target);
    this.#start = this.#finger = this.#last = this.#target = null;
  }

  #look() {
    const tile = this.tileAt(this.#finger.x, this.#finger.y);
    if (tile && tile !== this.#last) {
      this.#last = tile;
      this.over(tile);
    }
  }

  #follow() {
    if (!this.#finger) {
      return;
    }
    const step = scrollStep(this.#finger.y, innerHeight);
    if (step) {
      window.scrollBy({ top: step, behavior: "instant" });
      this.#look();
    }
    requestAnimationFrame(() => this.#follow());
  }
}
