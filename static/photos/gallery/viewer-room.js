// Room beside a photo for what stands there, so that nothing of it is covered: for what can be done
// with it, where a phone lies on its side, and for a panel while one is open.

// As in viewer-room.css.
const ON_ITS_SIDE = "(orientation: landscape) and (max-height: 30rem)";
const GAP_PX = 8;
const NONE = { top: 0, bottom: 0, left: 0, right: 0 };

export function keepRoom(viewer) {
  viewer.options.paddingFn = (screen, photo) => {
    const panel = viewer.element?.querySelector(".viewer-panel")?.getBoundingClientRect();
    if (matchMedia(ON_ITS_SIDE).matches) {
      return { ...NONE, right: panel ? screen.x - panel.left + GAP_PX : actsWide(viewer) };
    }
    return { ...NONE, bottom: panel ? roomBelow(photo, screen, panel.top - GAP_PX) : 0 };
  };
}

// After a panel has come, has changed, or is gone.
export function renewRoom(viewer) {
  viewer.updateSize(true);
}

// None for a photo that ends above the panel by itself: it stays where it is.
export function roomBelow(photo, screen, panelTop) {
  const scale = Math.min(1, screen.x / photo.width, screen.y / photo.height);
  const bottom = (screen.y + photo.height * scale) / 2;
  return bottom > panelTop ? screen.y - panelTop : 0;
}

function actsWide({ element }) {
  return parseFloat(getComputedStyle(element).getPropertyValue("--acts-wide"));
}
