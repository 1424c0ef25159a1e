// The hours of a gallery, in its order, and which photos of all are theirs: what "Jump to a time" shows,
// read as numbers.

// From the days and hours of a page or of a part of one.
export function readHours(fragment) {
  return Array.from(fragment.querySelectorAll("[data-hour]"), (link) => ({
    key: link.dataset.hour,
    count: Number(link.dataset.count),
    href: link.getAttribute("href"),
    label: `${link.closest("[aria-label]").ariaLabel}, ${link.firstChild.textContent.trim()}`,
  }));
}

export class Hours {
  constructor(hours) {
    this.hours = hours;
    this.before = [];
    this.total = 0;
    for (const hour of hours) {
      this.before.push(this.total);
      this.total += hour.count;
    }
  }

  // The hour at a part (0 to 1) of all photos.
  at(part) {
    const place = part * this.total;
    const next = this.before.findIndex((before) => before > place);
    return this.hours[next < 0 ? this.hours.length - 1 : next - 1];
  }

  // What part of all photos comes before the photo that is so many behind the hour's first.
  partOf(key, behind) {
    const place = this.hours.findIndex((hour) => hour.key === key);
    return place < 0 ? null : (this.before[place] + behind) / this.total;
  }
}
