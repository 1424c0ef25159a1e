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
      history.pushState({ selecting: true }, "");
    }
  }

  end() {
    if (history.state?.selecting) {
      history.back();
    }
  }
}
