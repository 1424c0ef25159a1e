// The page that stands in for another one without a network goes when there is one.
if (document.documentElement.dataset.offline !== undefined) {
  window.addEventListener("online", () => location.reload());
}
