// The page of one photo: takes it home as the viewer does. The share sheet where there is one, and
// the question in which size; without either a link leads to the file.

import { canSaveToPhotos, canShareFiles, shareButton } from "./sharing.js";
import { chosenSize, hasSizes, sizeToSend, withSize } from "./sizes.js";

const find = (selector) => document.querySelector(`.photo-actions ${selector}`);
const labels = document.querySelector(".photo-actions").dataset;
const [share, save] = ["[data-share]", "[data-save]"].map(find);

if (share) {
  share.classList.add(canShareFiles() ? "is-offered" : "is-missing");
  shareButton(share, labels, () => [withSize(share.dataset.share, sizeToSend())]);
}
if (save && canSaveToPhotos()) {
  shareButton(save, labels, wanted);
} else if (save && hasSizes()) {
  save.addEventListener("click", async (event) => {
    event.preventDefault();
    for (const href of await wanted()) {
      Object.assign(document.createElement("a"), { href, download: "" }).click();
    }
  });
}

// The photo in the size that is chosen; nothing where none is.
async function wanted() {
  const size = await chosenSize();
  return size === null ? [] : [withSize(save.pathname, size)];
}
