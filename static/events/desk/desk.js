// Small conveniences of the organizers' desk. Every page works without them.

const on = (selector, event, act) => {
  for (const element of document.querySelectorAll(selector)) {
    element.hidden = false;
    element.addEventListener(event, () => act(element));
  }
};

const copy = async (button) => {
  await navigator.clipboard.writeText(
    document.querySelector(button.dataset.copy).textContent.trim(),
  );
  const before = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
};

if (navigator.clipboard) on("[data-copy]", "click", copy);
on("[data-print]", "click", () => window.print());
// A box that ticks all of its form's, and is shown only where there is a script.
on("[data-ticks-all]", "change", (label) => {
  const { checked } = label.querySelector("input");
  const form = document.querySelector(label.dataset.ticksAll);
  for (const box of form.querySelectorAll("input[name=photo]")) box.checked = checked;
});
on("select[data-submits]", "change", (select) => select.form.requestSubmit());
