// Keeps the keys' focus in the viewer: Tab goes round in it, as in any dialog.

const REACHABLE = "a[href], button, input, textarea, summary, [tabindex='0']";

export function trapFocus(viewer, label) {
  viewer.on("initialLayout", () => {
    viewer.element.setAttribute("aria-modal", "true");
    viewer.element.setAttribute("aria-label", label);
  });
  // Before PhotoSwipe, which would move the focus to the whole of the viewer.
  const onKey = (event) => {
    if (document.querySelector("dialog[open]")) {
      event.stopPropagation(); // what is asked meanwhile has the keys
    } else if (event.key === "Tab" && viewer.element) {
      event.stopPropagation();
      goRound(viewer.element, event);
    }
  };
  document.addEventListener("keydown", onKey, true);
  viewer.on("destroy", () => document.removeEventListener("keydown", onKey, true));
}

function goRound(element, event) {
  const all = [...element.querySelectorAll(REACHABLE)].filter(isReachable);
  const [first, last] = [all[0], all.at(-1)];
  const { activeElement: focused } = document;
  const isAtEnd = event.shiftKey
    ? focused === first || focused === element || !element.contains(focused)
    : focused === last || !element.contains(focused);
  if (isAtEnd) {
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus({ preventScroll: true });
  }
}

function isReachable(one) {
  const isSeen = one.getClientRects().length > 0;
  return !one.disabled && isSeen && getComputedStyle(one).visibility === "visible";
}
