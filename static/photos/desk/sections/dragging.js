// A card that is dragged, with all that are ticked where it is one of them, is dropped on a section.
// What is sent is the list's own form, with the action that does the same.

const drops = document.querySelector(".desk-drops");
const form = document.getElementById("changelist-form");
let card = null;

function boxOf(photo) {
  return photo.querySelector(".action-select");
}

function begin(event) {
  card = event.target.closest?.(".desk-photo");
  if (!card) return;
  event.dataTransfer.effectAllowed = "move";
  // Not at once: a browser ends the drag whose page changes as it begins.
  setTimeout(() => document.body.classList.add("is-dragging"));
}

function over(event) {
  const drop = event.target.closest?.("[data-drop]");
  for (const one of drops.children) one.classList.toggle("is-over", one === drop);
  if (card && drop) event.preventDefault();
}

function drop(event) {
  const target = event.target.closest?.("[data-drop]");
  if (!card || !target) return;
  event.preventDefault();
  const box = boxOf(card);
  if (!box.checked) {
    for (const other of form.querySelectorAll(".action-select")) other.checked = other === box;
  }
  form.elements.action.value = target.dataset.drop;
  form.submit();
}

function end() {
  card = null;
  document.body.classList.remove("is-dragging");
}

if (drops && form) {
  document.addEventListener("dragstart", begin);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", end);
}
