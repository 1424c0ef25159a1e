// Sections are dragged into another order, which the form beside them sends. The buttons do the same
// without this script.

const list = document.querySelector("[data-sections]");
const form = document.getElementById("sections-order");
let dragged = null;

function begin(event) {
  dragged = event.target.closest?.("[data-section]");
  if (!dragged || event.target.closest("input")) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("is-dragged");
}

function over(event) {
  const other = event.target.closest("[data-section]");
  if (!dragged || !other) return;
  event.preventDefault();
  if (other === dragged) return;
  const { top, height } = other.getBoundingClientRect();
  other[event.clientY < top + height / 2 ? "before" : "after"](dragged);
}

function drop(event) {
  if (!dragged) return;
  event.preventDefault();
  const ids = Array.from(list.children, (item) => item.dataset.section);
  form.elements.order.value = ids.join(",");
  form.requestSubmit();
}

function end() {
  dragged?.classList.remove("is-dragged");
  dragged = null;
}

if (list && form) {
  for (const item of list.children) item.draggable = true;
  list.addEventListener("dragstart", begin);
  list.addEventListener("dragover", over);
  list.addEventListener("drop", drop);
  list.addEventListener("dragend", end);
}
