// A day or an hour that goes on from one page of a gallery to the next is named once.

// Returns the tiles that went over to the page below.
export function joinDays(above, below) {
  const last = isPage(above) && above.querySelector(".day:last-child");
  const first = isPage(below) && below.querySelector(".day");
  if (!last || !first) {
    return [];
  }
  const { day, hour } = repeated(describe(last), describe(first));
  if (hour) {
    first.querySelector(".hour").remove();
  }
  const moved = day ? fillRow(last, first) : [];
  const goesOn = day && moved.length === 0;
  below.classList.toggle("goes-on", goesOn);
  first.querySelector(".day-name")?.classList.toggle("visually-hidden", goesOn);
  return moved;
}

// Photos that were too few for a row of their own share the first row of what the day goes on with:
// that one becomes lower, and both are full.
function fillRow(last, first) {
  const grid = first.querySelector(".photo-grid");
  const tiles = [...last.querySelectorAll(".tile")];
  if (!grid || !tiles.some(isLoose)) {
    return [];
  }
  tiles.forEach((tile) => tile.classList.remove(...looseOf(tile)));
  grid.prepend(...tiles);
  last.remove();
  return tiles;
}

function isLoose(tile) {
  return looseOf(tile).length > 0;
}

function looseOf(tile) {
  return [...tile.classList].filter((name) => name.startsWith("loose-"));
}

// Not one that may go on with the next page, where its name is not repeated.
export function dropEmptyDays(element) {
  const goesOn = element.nextElementSibling?.classList.contains("goes-on") ?? false;
  for (const day of element.querySelectorAll(`.day${goesOn ? ":not(:last-child)" : ""}`)) {
    if (!day.querySelector(".tile")) {
      day.remove();
    }
  }
}

// Which names of the first day of a page those of the last day before it make superfluous.
export function repeated(last, first) {
  const day = last.name === first.name;
  return { day, hour: day && first.hours.length > 0 && last.hours.at(-1) === first.hours[0] };
}

function describe(day) {
  const hours = Array.from(day.querySelectorAll(".hour"), (hour) => hour.textContent);
  return { name: day.ariaLabel, hours };
}

function isPage(element) {
  return element?.classList.contains("gallery-page") ?? false;
}
