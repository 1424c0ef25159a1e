// Which photos are selected, by their ids.

export class Selection {
  #selected = new Set();
  #last = null;
  #drag = null;

  get ids() {
    return [...this.#selected];
  }

  get size() {
    return this.#selected.size;
  }

  has(id) {
    return this.#selected.has(id);
  }

  clear() {
    this.#selected.clear();
    this.#drag = null;
  }

  // As a range: everything from the one selected before to this one, in the order of `all`.
  toggle(id, all = [], isRange = false) {
    const on = !this.has(id);
    this.#set(isRange ? between(all, this.#last, id) : [id], on);
    this.#last = id;
  }

  // A finger begins to go over photos: they become what the first one becomes.
  beginDrag(id) {
    this.#drag = { before: new Set(this.#selected), from: id, on: !this.has(id) };
    this.dragTo(id);
  }

  // What it has left again is as it was before.
  dragTo(id, all = []) {
    const { before, from, on } = this.#drag;
    this.#selected = new Set(before);
    this.#set(between(all, from, id), on);
    this.#last = id;
  }

  #set(ids, on) {
    for (const id of ids) {
      if (on) {
        this.#selected.add(id);
      } else {
        this.#selected.delete(id);
      }
    }
  }

  count({ labelOne, labelMany }) {
    return this.size === 1 ? labelOne : labelMany.replace("{}", this.size);
  }
}

// Without an end that is known only the other.
function between(all, one, other) {
  const [from, to] = [all.indexOf(one), all.indexOf(other)];
  return from < 0 || to < 0 ? [other] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
}
