// The viewer's button of who does not want the photo shown: one tap asks. What came of it stands
// below, with a way back: the same HTML as on the photo's own page.

import { csrfHeaders } from "../../site/csrf.js";
import { addButton, photoId } from "./viewer-buttons.js";
import { HIDE } from "./viewer-icons.js";
import { renewRoom } from "./viewer-room.js";

const form = document.querySelector("#selection");

if (form) {
  document.addEventListener("viewer:ui", ({ detail: viewer }) => addHiding(viewer));
}

function addHiding(viewer) {
  const onInit = (element) => {
    const panel = new Panel(viewer, element);
    element.setAttribute("aria-expanded", "false");
    element.addEventListener("click", () => panel.toggle());
    viewer.on("change", () => panel.close());
    viewer.on("close", () => panel.close());
    viewer.on("destroy", () => panel.tellChanged());
  };
  addButton(viewer, {
    name: "hide",
    order: 8.8,
    title: form.dataset.labelHide,
    word: form.dataset.labelHideWord,
    html: HIDE,
    onInit,
  });
}

class Panel {
  #layer = null;
  #hasAsked = false;

  constructor(viewer, button) {
    this.viewer = viewer;
    this.button = button;
  }

  toggle() {
    if (this.#layer) {
      this.close();
      return;
    }
    const layer = document.createElement("div");
    layer.className = "viewer-panel";
    layer.tabIndex = -1;
    layer.addEventListener("keydown", (event) => this.#onKey(event));
    layer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(event.target.action, new FormData(event.target, event.submitter));
    });
    this.#layer = layer;
    this.viewer.element.append(layer);
    this.button.setAttribute("aria-expanded", "true");
    this.#send(form.dataset.hide.replace("/0/", `/${photoId(this.viewer)}/`), new FormData());
  }

  close() {
    if (!this.#layer) {
      return;
    }
    this.#layer.remove();
    this.#layer = null;
    this.button.setAttribute("aria-expanded", "false");
    renewRoom(this.viewer);
  }

  // The gallery behind the viewer has other photos now; it learns it when the viewer is gone.
  tellChanged() {
    if (this.#hasAsked) {
      document.dispatchEvent(new CustomEvent("photos:changed"));
    }
  }

  async #send(address, body) {
    const layer = this.#layer;
    body.set("fragment", "1");
    body.delete("csrfmiddlewaretoken"); // of when it was fetched; the header has today's
    let html = "";
    let text = form.dataset.labelFailed;
    try {
      const response = await fetch(address, { method: "POST", headers: csrfHeaders(), body });
      if (response.ok && !response.redirected) {
        html = await response.text();
        this.#hasAsked = true;
      } else if (response.status === 429) {
        text = await response.text();
      }
    } catch {
      // Offline: said below.
    }
    if (layer !== this.#layer) {
      return; // closed meanwhile
    }
    if (html) {
      layer.innerHTML = html;
    } else {
      layer.textContent = text;
    }
    renewRoom(this.viewer);
    layer.focus({ preventScroll: true });
  }

  // Keys are for the words that are typed, not for the viewer.
  #onKey(event) {
    event.stopPropagation();
    if (event.key === "Escape") {
      this.close();
      this.button.focus();
    }
  }
}
