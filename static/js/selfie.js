// Shows the chosen selfie before it is sent, and that it is being sent.

const form = document.querySelector(".selfie-form");
if (form) {
  enhance(form);
}

function enhance(form) {
  const input = form.querySelector(".selfie-input");
  const frame = form.querySelector(".selfie-frame");
  const preview = form.querySelector(".selfie-preview");
  form.classList.add("is-enhanced");

  input.addEventListener("change", () => show(input.files[0]));
  // A HEIC file that this browser cannot draw: the server can.
  preview.addEventListener("error", () => toggle(false));
  preview.addEventListener("load", () => toggle(true));
  offerLibrary(form.querySelector(".selfie-library"), input);
  form.addEventListener("submit", () => setBusy(form, true));
  // Coming back with "back" finds the form as it was left: busy.
  window.addEventListener("pageshow", () => setBusy(form, false));

  function show(file) {
    URL.revokeObjectURL(preview.src);
    if (file) {
      preview.src = URL.createObjectURL(file);
    } else {
      toggle(false);
    }
  }

  function toggle(hasPreview) {
    preview.hidden = !hasPreview;
    frame.classList.toggle("has-preview", hasPreview);
  }
}

function offerLibrary(button, input) {
  button.hidden = !matchMedia("(pointer: coarse)").matches;
  button.addEventListener("click", () => {
    input.removeAttribute("capture");
    input.click();
    input.setAttribute("capture", "user");
  });
}

function setBusy(form, isBusy) {
  const button = form.querySelector("button[type=submit]");
  button.dataset.label ??= button.textContent;
  button.disabled = isBusy;
  button.textContent = isBusy ? form.dataset.busy : button.dataset.label;
  form.querySelector("[role=status]").textContent = isBusy ? form.dataset.busy : "";
}
