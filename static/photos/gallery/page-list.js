// The pages of a gallery that were fetched, in its order. A page's tiles are in the document, or put
// away: then its `markup` is their text, and its element keeps their `height`.

export class PageList {
  #pages = [];

  get first() {
    return this.#pages[0];
  }

  // Photos of all pages, in order.
  get items() {
    return this.#pages.flatMap((page) => page.items);
  }

  // The pages that are put away.
  get away() {
    return this.#pages.filter((page) => page.markup !== undefined);
  }

  clear() {
    this.#pages.length = 0;
  }

  add(element, items, isOlder = true) {
    const page = { element, items, markup: undefined, height: 0 };
    this.#pages.splice(isOlder ? this.#pages.length : 0, 0, page);
  }

  of(element) {
    return this.#pages.find((page) => page.element === element);
  }

  // The page with a photo.
  with(id) {
    return this.#pages.find((page) => page.items.some((item) => item.id === id));
  }

  // Forgets photos: those after them are the fewer, and so are all. Returns the pages that had some.
  remove(ids) {
    const { items } = this;
    const changed = this.#pages.filter((page) => page.items.some((item) => ids.has(item.id)));
    for (const page of changed) {
      page.items = page.items.filter((item) => !ids.has(item.id));
    }
    const gone = items.length - this.items.length;
    let before = 0;
    for (const item of items) {
      before += ids.has(item.id);
      item.at -= before;
      item.all -= gone;
    }
    return changed;
  }

  // Photos that went from the end of the page above it to the beginning of a page.
  moveTo(page, ids) {
    const above = this.#pages[this.#pages.indexOf(page) - 1];
    const isMoved = (item) => ids.has(item.id);
    page.items.unshift(...above.items.filter(isMoved));
    above.items = above.items.filter((item) => !isMoved(item));
  }

  // What is put away becomes so much higher. Returns those pages.
  scale(ratio) {
    const { away } = this;
    for (const page of away) {
      page.height *= ratio;
    }
    return away;
  }
}
