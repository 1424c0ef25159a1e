// What a finger on a question means. Apart from the page, so that it can be tested without one.

const LEAST = 24; // pixels before a movement is one
const ENOUGH = 0.3; // of the card's width
const EDGE = 24; // from there a phone's own gesture leads back

// Whether a movement is a swipe by now, or "other" where the page is scrolled.
export function kindOf(dx, dy) {
  if (Math.max(Math.abs(dx), Math.abs(dy)) < LEAST / 2) {
    return "";
  }
  return Math.abs(dx) > 1.2 * Math.abs(dy) ? "swipe" : "other";
}

export function mayBegin({ x, width, pointerType, isPrimary }) {
  return isPrimary && pointerType !== "mouse" && x > EDGE && x < width - EDGE;
}

// The answer at which a finger is: to the right yes, to the left no.
export function answerAt(dx, width) {
  if (Math.abs(dx) < Math.max(LEAST, ENOUGH * width)) {
    return "";
  }
  return dx > 0 ? "yes" : "no";
}
