// In which size photos are taken home: asked when the first are, and kept for the visit.

const KEY = "download-size";
const dialog = document.querySelector("#sizes");

// Resolves to a size, to "" where there is only one, to null where nobody wants any.
export async function chosenSize() {
  if (!dialog) {
    return "";
  }
  return rememberedSize() ?? ask();
}

export function hasSizes() {
  return dialog !== null;
}

export function rememberedSize() {
  return dialog ? sessionStorage.getItem(KEY) : null;
}

export function forgetSize() {
  sessionStorage.removeItem(KEY);
}

// For what is sent on at once, where nobody is asked: the smallest does.
export function sizeToSend() {
  return dialog ? (rememberedSize() ?? choices().at(-1).value) : "";
}

export function nameOfSize(size) {
  const choice = choices().find((one) => one.value === size);
  return choice?.querySelector(".size-name").textContent;
}

export function withSize(address, size) {
  return size ? `${address}?size=${size}` : address;
}

function choices() {
  return dialog ? [...dialog.querySelectorAll("button[name=size]")] : [];
}

function ask() {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const { returnValue: size } = dialog;
        if (size) {
          sessionStorage.setItem(KEY, size);
        }
        resolve(size || null);
      },
      { once: true },
    );
  });
}

dialog?.addEventListener("click", ({ target }) => {
  if (target === dialog) {
    dialog.close(); // beside the sheet: what is around it belongs to the dialog element
  }
});
