// At the very top there is nothing to scroll to. Whoever tries, with a wheel or a finger, asks for what
// would be above.

const PULL_PX = 24;

export function onPullAtTop(pulled) {
  let from = null;
  const passive = { passive: true };
  window.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && isAtTop() && pulled(), passive);
  window.addEventListener("touchstart", ({ touches }) => (from = start(touches)), passive);
  window.addEventListener(
    "touchmove",
    ({ touches }) => {
      if (from !== null && touches[0].clientY - from > PULL_PX) {
        from = null;
        pulled();
      }
    },
    passive,
  );
}

// Two fingers do something else, and so does one over a sheet or the viewer.
function start(touches) {
  return touches.length === 1 && isAtTop() ? touches[0].clientY : null;
}

function isAtTop() {
  return window.scrollY <= 0 && !document.querySelector(".pswp, dialog:modal");
}
