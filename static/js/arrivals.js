// Keeps My Photos calm while it fetches itself anew: no change, no swap; a change is announced once.

const status = document.querySelector("#arrivals");
let shown = "";
let announced = text();

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  // Logged out meanwhile: the answer is the log-in page, which does not belong into this one.
  if (new URL(xhr.responseURL).pathname !== location.pathname) {
    event.detail.shouldSwap = false;
    location.reload();
    return;
  }
  event.detail.shouldSwap = event.detail.shouldSwap && xhr.responseText !== shown;
  shown = xhr.responseText;
});

document.addEventListener("htmx:afterSettle", () => {
  const now = text();
  if (now !== announced) {
    status.textContent = announced = now;
  }
});

function text() {
  return document.querySelector("[data-announce]")?.textContent.trim() ?? "";
}
