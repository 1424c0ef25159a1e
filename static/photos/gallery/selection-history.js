// While one selects, "back" ends it before it leaves the page, and "forward" goes on with it.

export class SelectionHistory {
  constructor({ begin, end }) {
    if (history.state?.selecting) {
      history.replaceState(null, ""); // a page that was left or reloaded meanwhile
    }
    window.addEventListener("popstate", ({ state }) => (state?.selecting ? begin() : end()));
  }

  begin() {
    if (!history.state?.selecting) {
      // Ending it leaves the gallery where it is; the browser would lead to where it stood.
      history.scrollRestoration = "manual";
      history.pushState({ selecting: true }, "");
    }
  }

  end() {
    if (history.state?.selecting) {
      window.addEventListener("popstate", () => (history.scrollRestoration = "auto"), {
        once: true,
      });
      history.back();
    } else {
      history.scrollRestoration = "auto";
    }
  }
}
