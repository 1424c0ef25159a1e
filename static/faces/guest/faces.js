// The faces of the photo in the viewer, as places to tap, and the question below. The same HTML as
// on the photo's own page, fetched and laid over the picture.

import { renewRoom } from "../../photos/gallery/viewer-room.js";
import { csrfHeaders } from "../../site/csrf.js";

export class Faces {
  #denied = new Set();
  #layer = null;
  #id = "";

  constructor(viewer, form, button) {
    this.viewer = viewer;
    this.form = form;
    this.button = button;
    this.onKey = this.onKey.bind(this);
  }

  toggle(id) {
    if (this.#layer) {
      this.close();
    } else {
      this.#open(id);
    }
  }

  close() {
    if (!this.#layer) {
      return;
    }
    this.#layer.remove();
    this.#layer = null;
    this.button.setAttribute("aria-expanded", "false");
    document.removeEventListener("keydown", this.onKey, true);
    renewRoom(this.viewer);
  }

  // My Photos no longer has them; the grid behind the viewer learns it when the viewer is gone.
  tellDenied() {
    const detail = new Set([...this.#denied].map((id) => `photo-${id}`));
    document.dispatchEvent(new CustomEvent("photos:denied", { detail }));
  }

  async #open(id) {
    this.#id = id;
    const layer = document.createElement("div");
    layer.className = "viewer-faces";
    layer.addEventListener("click", (event) => this.#onClick(event));
    layer.addEventListener("submit", (event) => this.#onSubmit(event));
    this.#layer = layer;
    this.viewer.element.append(layer);
    this.button.setAttribute("aria-expanded", "true");
    document.addEventListener("keydown", this.onKey, true);
    await this.#show(fetch(this.#address()));
    this.#follow(layer);
  }

  #address(face = "") {
    const address = this.form.dataset.faces.replace("/0/", `/${this.#id}/`);
    return face ? `${address}?face=${face}` : address;
  }

  async #show(request) {
    const layer = this.#layer;
    let html = "";
    try {
      const response = await request;
      html = response.ok && !response.redirected ? await response.text() : "";
    } catch {
      // Offline: said below until the network is back.
      const again = () => layer === this.#layer && this.#show(fetch(this.#address()));
      window.addEventListener("online", again, { once: true });
    }
    if (layer !== this.#layer) {
      return; // closed, or another photo, meanwhile
    }
    layer.innerHTML = html || '<p class="face-question"></p>';
    const panel = layer.querySelector(".face-question");
    panel.classList.add("viewer-panel");
    if (!html) {
      panel.textContent = this.form.dataset.labelFailed;
    }
    renewRoom(this.viewer);
    layer.querySelector(".face-question button, .face-box")?.focus({ preventScroll: true });
  }

  // The picture is zoomed and moved by the viewer: the faces go where it goes.
  #follow(layer) {
    if (layer !== this.#layer) {
      return;
    }
    const overlay = layer.querySelector(".face-overlay");
    const picture = this.viewer.currSlide?.content.element;
    if (overlay && picture) {
      const { left, top, width, height } = picture.getBoundingClientRect();
      Object.assign(overlay.style, {
        left: `${left}px`,
        top: `${top}px`,
        width: `${width}px`,
        height: `${height}px`,
      });
    }
    requestAnimationFrame(() => this.#follow(layer));
  }

  #onClick(event) {
    const box = event.target.closest(".face-box");
    const reset = event.target.closest("[data-faces-reset]");
    if (!box && !reset) {
      return;
    }
    event.preventDefault();
    const face = box
      ? new URLSearchParams(box.getAttribute("href").slice(1).split("#")[0]).get("face")
      : "";
    this.#show(fetch(this.#address(face)));
  }

  #onSubmit(event) {
    event.preventDefault();
    const body = new FormData(event.target, event.submitter);
    body.set("fragment", "1");
    body.delete("csrfmiddlewaretoken"); // of when it was fetched; the header has today's
    if (body.get("verdict") === "not_me") {
      this.#denied.add(this.#id);
    } else {
      this.#denied.delete(this.#id);
    }
    this.#show(fetch(event.target.action, { method: "POST", headers: csrfHeaders(), body }));
  }

  // Before the viewer, which would close itself.
  onKey(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
      this.button.focus();
    }
  }
}
