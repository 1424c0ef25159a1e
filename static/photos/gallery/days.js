// A day or an hour that goes on from one page of a gallery to the next is named once.

export function joinDays(before, after) {
  const last = isPage(before) && before.querySelector(".day:last-child");
  const first = isPage(after) && after.querySelector(".day");
  if (!last || !first) {
    return;
  }
  const { day, hour } = repeated(describe(last), describe(first));
  if (day) {
    first.querySelector(".day-name")?.classList.add("visually-hidden");
  }
  if (hour) {
    first.querySelector(".hour").remove();
  }
}

// Not one that may go on with the next page, where its name is not repeated.
export function dropEmptyDays(element) {
  const goesOn = isPage(element.nextElementSibling);
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
