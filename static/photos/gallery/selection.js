// Which photos are selected, by their ids.

// Share sheets take few files, and a phone holds all of them in memory.
const MOST_SHARED = 20;

export class Selection {
  #selected = new Set();
  #last = null;

  get ids() {
    return [...this.#selected];
  }

  get size() {
    return this.#selected.size;
  }

  get mayBeShared() {
    return this.size > 0 && this.size <= MOST_SHARED;
  }

  has(id) {
    return this.#selected.has(id);
  }

  clear() {
    this.#selected.clear();
  }

  // As a range: everything from the one selected before to this one, in the order of `all`.
  toggle(id, all = [], isRange = false) {
    const on = !this.has(id);
    const [from, to] = [all.indexOf(this.#last), all.indexOf(id)];
    const range =
      isRange && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const one of range) {
      if (on) {
        this.#selected.add(one);
      } else {
        this.#selected.delete(one);
      }
    }
    this.#last = id;
  }

  count({ labelOne, labelMany }) {
    return this.size === 1 ? labelOne : labelMany.replace("{}", this.size);
  }
}
