// Two fingers on the photos change how large they are, in three steps. A cookie remembers it, so that
// the next page comes as it stays: nothing is laid out twice.

const STEPS = ["large", "", "small"];
// How far two fingers move apart, or together, for a step.
const APART = 1.3;
const REMEMBERED_SECONDS = 365 * 24 * 3600;

// Which step follows when two fingers have moved by that much, and whether one does.
export function stepAfter(step, ratio) {
  const at = STEPS.indexOf(step);
  const towards = ratio >= APART ? at - 1 : ratio <= 1 / APART ? at + 1 : at;
  const next = STEPS[Math.min(STEPS.length - 1, Math.max(0, towards))];
  return { step: next, isOther: next !== step };
}

// Of two fingers: listened to only while they are there, or every scroll would wait for it.
function stopScroll(event) {
  if (event.touches.length === 2 && event.cancelable) {
    event.preventDefault();
  }
}

export class Density {
  // `pages`: { adaptHeights() }
  constructor(gallery, pages) {
    this.gallery = gallery;
    this.pages = pages;
    this.fingers = new Map();
    this.begun = 0;
    this.changedAt = -Infinity; // a page that was just opened takes taps at once
    gallery.addEventListener("pointerdown", (event) => this.#touch(event));
    gallery.addEventListener("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel"]) {
      window.addEventListener(type, (event) => this.#lift(event));
    }
    // Two fingers that moved are no tap on what is under one of them.
    gallery.addEventListener("click", (event) => this.#stopClick(event), true);
  }

  get step() {
    return this.gallery.dataset.density ?? "";
  }

  #touch(event) {
    if (event.pointerType === "touch" && event.target.closest(".photo-grid")) {
      this.fingers.set(event.pointerId, event);
      this.begun = this.#distance();
      if (this.begun) {
        this.gallery.addEventListener("touchmove", stopScroll, { passive: false });
      }
    }
  }

  #move(event) {
    if (!this.fingers.has(event.pointerId)) {
      return;
    }
    this.fingers.set(event.pointerId, event);
    if (this.begun) {
      const { step, isOther } = stepAfter(this.step, this.#distance() / this.begun);
      if (isOther) {
        this.#change(step);
        this.begun = this.#distance();
        this.changedAt = event.timeStamp;
      }
    }
  }

  #lift(event) {
    this.fingers.delete(event.pointerId);
    this.begun = 0;
    this.gallery.removeEventListener("touchmove", stopScroll);
  }

  #stopClick(event) {
    if (event.timeStamp - this.changedAt < 500) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  // Of two fingers; 0 for any other number.
  #distance() {
    const [one, other, third] = this.fingers.values();
    if (!other || third) {
      return 0;
    }
    return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  }

  // What is between the fingers stays there.
  #change(step) {
    const [one, other] = this.fingers.values();
    const [x, y] = [(one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2];
    const tile = document.elementFromPoint(x, y)?.closest(".tile");
    const before = tile?.getBoundingClientRect().top;
    if (step) {
      this.gallery.dataset.density = step;
    } else {
      delete this.gallery.dataset.density;
    }
    this.pages.adaptHeights();
    if (tile) {
      const moved = tile.getBoundingClientRect().top - before;
      window.scrollBy({ top: moved, behavior: "instant" });
    }
    document.cookie = `gallery_density=${step};path=/;max-age=${REMEMBERED_SECONDS};samesite=lax`;
  }
}
