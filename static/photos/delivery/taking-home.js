// Many photos are taken home: into the phone's photos by its share sheet where that takes files, as
// a ZIP archive elsewhere. What does it is loaded when it is first needed.

import { canSaveToPhotos } from "./sharing.js";
import { chosenSize, forgetSize, nameOfSize, sizeToSend } from "./sizes.js";

const element = document.querySelector("#archive");

export function canTakeHome() {
  return Boolean(element && globalThis.WritableStream && Blob.prototype.stream);
}

export function prepare() {
  return import("./archive.js");
}

// What the form names. Resolves to whether it began: not where the size was not chosen.
export async function save(form, submitter) {
  const size = await chosenSize();
  if (size === null) {
    return false;
  }
  await begin(wish(form, submitter, size), {
    way: canSaveToPhotos() ? "save" : "archive",
    sizeName: nameOfSize(size),
    onOtherSize() {
      forgetSize();
      save(form, submitter);
    },
  });
  return true;
}

// As it is now, without asking anything.
export async function share(form) {
  await begin(wish(form, null, sizeToSend()), { way: "share" });
  return true;
}

// Noted at once: what is chosen may change while it is fetched.
function wish(form, submitter, size) {
  const body = new FormData(form, submitter);
  if (size) {
    body.set("size", size);
  }
  return { body, action: submitter?.getAttribute("formaction") ?? form.action };
}

async function begin(wanted, options) {
  const { takeHome } = await prepare();
  takeHome(wanted, options);
}
