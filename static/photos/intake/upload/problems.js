// The files that were not taken, by the reason: as a list of all of them, a card's films would hide
// the rest.

const NAMES_SHOWN = 200;
// So many are named at once, more behind their number.
const FEW = 3;

export function createProblems(list, wording, reasons) {
  let groups = new Map();
  let shown = 0;

  return { paint };

  function paint(problems) {
    if (problems.length < shown) {
      groups = new Map();
      list.replaceChildren();
      shown = 0;
    }
    const touched = new Set(problems.slice(shown).map(add));
    touched.forEach(write);
    shown = problems.length;
  }

  function add(item) {
    const reason = item.reason ?? reasons[item.code] ?? item.code;
    if (!groups.has(reason)) {
      groups.set(reason, createGroup(list, reason));
    }
    const group = groups.get(reason);
    group.count += 1;
    if (group.count <= NAMES_SHOWN) {
      const row = document.createElement("li");
      row.textContent = item.name;
      group.names.append(row);
    }
    return group;
  }

  function write({ group, count, files, more }) {
    if (count <= FEW || group.dataset.isFew) {
      group.open = count <= FEW;
      group.dataset.isFew = count <= FEW ? "yes" : "";
    }
    files.textContent = wording.count("problems_of", count);
    more.hidden = count <= NAMES_SHOWN;
    more.textContent = wording.count("problems_more", count - NAMES_SHOWN);
  }
}

function createGroup(list, reason) {
  const group = document.createElement("details");
  const title = document.createElement("summary");
  const files = document.createElement("strong");
  const names = document.createElement("ul");
  const more = document.createElement("p");
  more.className = "desk-hint";
  title.append(files, " ", reason);
  group.append(title, names, more);
  const row = document.createElement("li");
  row.append(group);
  list.append(row);
  return { group, count: 0, files, names, more };
}
