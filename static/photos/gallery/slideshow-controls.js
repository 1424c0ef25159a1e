// What whoever stands at the screen may do. The buttons hide from all others.

const IDLE_MS = 3000;

let idle = 0;

// `does` says what each button does, by its name, and each key.
export function controls(show, does) {
  for (const button of show.querySelectorAll("[data-does]")) {
    button.addEventListener("click", (event) => {
      does[button.dataset.does]();
      if (event.detail) {
        button.blur(); // a pointer's: it would keep the buttons in sight
      }
    });
  }
  show.querySelector("[data-does=full]").hidden = !document.fullscreenEnabled;
  const keys = { " ": does.pause, f: toggleFullScreen, ArrowRight: does.next };
  document.addEventListener("keydown", (event) => {
    if (keys[event.key] && event.target === document.body) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
  ["pointermove", "pointerdown", "keydown"].forEach((type) => {
    document.addEventListener(type, wake);
  });
  stayAwake();
  wake();
}

export function toggleFullScreen() {
  if (document.fullscreenElement) {
    document.exitFullscreen();
  } else {
    document.documentElement.requestFullscreen();
  }
}

async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    return; // the browser decides; the screen's own settings remain
  }
}

function wake() {
  clearTimeout(idle);
  document.body.classList.remove("is-idle");
  idle = setTimeout(() => document.body.classList.add("is-idle"), IDLE_MS);
}
