// The phone's own share sheet, with photos as files. Fetching takes longer than a browser lets a tap
// count, so that a second tap may be needed: the button then says so.

export function canShareFiles() {
  const probe = new File([""], "photo.jpg", { type: "image/jpeg" });
  return Boolean(navigator.canShare?.({ files: [probe] }));
}

// Where the sheet is the way into the phone's photos; on a laptop a file is.
export function canSaveToPhotos() {
  return matchMedia("(pointer: coarse)").matches && canShareFiles();
}

// Keeps what was fetched until it is shared or something else is to be.
export class Sharer {
  #address = "";
  #files = [];

  // Returns "shared", "ready" (tap again) or "failed".
  async share(addresses) {
    try {
      await this.#fetch(addresses);
      await navigator.share({ files: this.#files });
    } catch (error) {
      if (error.name === "NotAllowedError") {
        return "ready";
      }
      if (error.name !== "AbortError") {
        return "failed";
      }
    }
    this.#address = "";
    this.#files = [];
    return "shared";
  }

  // One after the other: a phone in a crowd has little bandwidth, and memory.
  async #fetch(addresses) {
    if (this.#address === addresses.join()) {
      return;
    }
    const files = [];
    for (const address of addresses) {
      files.push(await fetchFile(address));
    }
    this.#files = files;
    this.#address = addresses.join();
  }
}

async function fetchFile(address) {
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(`HTTP ${response.status}`);
  }
  const blob = await response.blob();
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"))?.[1];
  return new File([blob], name ?? "photo.jpg", { type: blob.type });
}

// A button, or a link in its place, that shares what `addresses()` names. Its words say what it is
// doing.
export function shareButton(button, labels, addresses) {
  const sharer = new Sharer();
  const word = button.querySelector(".selection-word") ?? button;
  const name = word.textContent;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const wanted = await addresses();
    if (!wanted.length) {
      return;
    }
    button.disabled = true;
    word.textContent = labels.labelFetching;
    const outcome = await sharer.share(wanted);
    button.disabled = false;
    word.textContent = { shared: name, ready: labels.labelReady, failed: labels.labelFailed }[
      outcome
    ];
  });
}
