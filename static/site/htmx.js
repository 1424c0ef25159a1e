// htmx, which no page needs to be seen: it comes once the first pictures are there. Until then its
// forms and links do what they do without scripts.

let coming = null;

function load() {
  coming ??= import("htmx.org").then((module) => module.default);
  return coming;
}

if (document.readyState === "complete") {
  load();
} else {
  window.addEventListener("load", load);
}

// Has it look at a part of the page that is new.
export async function process(part) {
  const htmx = await load();
  htmx.process(part);
}
