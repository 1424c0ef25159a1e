// Below a photo: when it was taken, by whom, and which of how many it is. A swipe up, or a tap on
// the line, says it in full; a swipe down takes that away again, before it closes the viewer.

const SWIPE_PX = 48;
const SEPARATOR = " · ";

// The parts of the line that are known.
export function captionOf({ when, by, alt }, place, labelPlace) {
  const words = labelPlace.replace("{at}", place?.at).replace("{all}", place?.all);
  return [when || alt, by, place && words].filter(Boolean).join(SEPARATOR);
}

// "Photo, Saturday 28 November, 19:32, you are in it": those who see it know what it is.
export function withoutKind(alt) {
  return alt.slice(alt.indexOf(", ") + 1).trim();
}

export function addDetails(viewer, labels, placeOf) {
  viewer.ui.registerElement({
    name: "foot",
    className: "viewer-foot",
    order: 9,
    appendTo: "root",
    html: `<div class="viewer-details" id="viewer-details" hidden>
      <p class="viewer-alt"></p><p class="viewer-by"></p></div>
      <button type="button" class="pswp__caption" aria-controls="viewer-details" aria-expanded="false"></button>
      <p class="visually-hidden" role="status"></p>`,
    onInit: (foot) => new Details(viewer, foot, labels, placeOf),
  });
}

class Details {
  constructor(viewer, foot, labels, placeOf) {
    Object.assign(this, { viewer, labels, placeOf });
    this.panel = foot.querySelector(".viewer-details");
    this.line = foot.querySelector(".pswp__caption");
    this.spoken = foot.querySelector("[role=status]");
    this.line.addEventListener("click", () => this.#open(this.panel.hidden));
    viewer.on("change", () => this.#paint());
    viewer.on("openingAnimationEnd", () => viewer.element.classList.add("is-opened"));
    viewer.on("verticalDrag", (event) => this.#drag(event));
    viewer.on("pointerUp", () => this.#swipe());
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  #open(on) {
    this.panel.hidden = !on;
    this.line.setAttribute("aria-expanded", on);
  }

  #paint() {
    const { data } = this.viewer.currSlide;
    const line = captionOf(data, this.placeOf(data.id), this.labels.labelPlace);
    if (line === this.line.textContent) {
      return; // more photos are known, behind this one
    }
    this.line.textContent = this.spoken.textContent = line;
    this.panel.querySelector(".viewer-alt").textContent = withoutKind(data.alt);
    this.panel.querySelector(".viewer-by").textContent = data.by
      ? this.labels.labelBy.replace("{}", data.by)
      : "";
  }

  // Upwards the photo stays where it is, as there is nothing to close.
  #drag(event) {
    const { bounds } = this.viewer.currSlide;
    if (this.isOpen || event.panY < bounds.center.y) {
      event.preventDefault();
    }
  }

  #swipe() {
    const { dragAxis, isMultitouch, p1, startP1 } = this.viewer.gestures;
    const { currZoomLevel, zoomLevels } = this.viewer.currSlide;
    const way = p1.y - startP1.y;
    if (
      dragAxis === "y" &&
      !isMultitouch &&
      currZoomLevel <= zoomLevels.fit &&
      Math.abs(way) > SWIPE_PX
    ) {
      this.#open(way < 0);
    }
  }
}
