// htmx, which no page needs to be seen: it comes once the first pictures are there. Until then its
// forms and links do what they do without scripts.

let coming = null;

// Nothing where it does not arrive: without a connection, or on a page that is left meanwhile. Then
// it is asked for again when it is needed next.
function load() {
  coming ??= import("htmx.org").then(
    (module) => module.default,
    () => {
      coming = null;
      return null;
    },
  );
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
  htmx?.process(part);
}
