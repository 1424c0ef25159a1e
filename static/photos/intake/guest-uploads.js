// Sends chosen photos one by one, and says of each what became of it: in a crowd connections break,
// and one photo is soon sent again.

import { csrfHeaders } from "../../site/csrf.js";

const form = document.querySelector(".guest-uploads");
if (form) {
  form.elements.photos.addEventListener("change", () => sayChosen(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll(form);
  });
}

function sayChosen(form) {
  const { length } = form.elements.photos.files;
  const words = length === 1 ? form.dataset.labelOneChosen : form.dataset.labelManyChosen;
  form.querySelector(".chosen-files").textContent = length ? words.replace("{}", length) : "";
}

async function sendAll(form) {
  const input = form.elements.photos;
  const button = form.querySelector("button[type=submit]");
  const list = form.querySelector(".upload-list");
  const rows = [...input.files].map((file) => addRow(list, file, form.dataset.labelWaiting));
  button.disabled = true;
  let anyFailed = false;
  for (const row of rows) {
    row.state.textContent = form.dataset.labelSending;
    const { words, isError } = await send(form, row.file);
    row.state.textContent = words;
    row.item.classList.toggle("is-error", isError);
    anyFailed ||= isError;
  }
  button.disabled = false;
  input.value = "";
  sayChosen(form);
  // The page then shows them among the own ones; where something went wrong the reasons stay.
  if (!anyFailed) {
    location.reload();
  }
}

function addRow(list, file, words) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const state = document.createElement("span");
  name.textContent = file.name;
  state.textContent = words;
  state.className = "soft";
  item.append(name, state);
  list.append(item);
  return { item, state, file };
}

async function send(form, file) {
  const body = new FormData();
  body.set("photos", file);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json", ...csrfHeaders() },
        body,
      });
      const { accepted, refused, reason } = await response.json();
      if (reason || refused.length) {
        return { words: reason || refused[0].reason, isError: true };
      }
      return {
        words: accepted.length ? form.dataset.labelAccepted : form.dataset.labelKnown,
        isError: false,
      };
    } catch {
      if (attempt === 3) {
        return { words: form.dataset.labelFailed, isError: true };
      }
      await online(attempt * 2000);
    }
  }
}

// A pause, and until the device is back on a network.
async function online(milliseconds) {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  if (!navigator.onLine) {
    await new Promise((resolve) => window.addEventListener("online", resolve, { once: true }));
  }
}
