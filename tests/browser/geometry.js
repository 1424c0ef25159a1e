// What is wrong with where things are, in words; given what must hold: see tests/browser/looks.py.
// Two frames first: a page that was just given another size lays itself out in them.
async (wanted) => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();

  const ACTIVE =
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=radio]";
  const MAIN = ".button, button[type=submit]:not(.quiet), nav a, .pswp__button, .shutter";
  const TEXTS = "h1, h2, h3, .event-name, nav a, button, .button, summary, label, .chip";
  const root = document.scrollingElement;
  // What stands before all else hides the rest.
  const stage = document.querySelector(".pswp, dialog:modal") ?? document.body;
  const { clientWidth: width } = document.documentElement;
  const found = [];

  const isSeen = (one) =>
    one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !one.closest("[inert]");
  const called = (one) => {
    const words = (one.ariaLabel ?? one.innerText ?? "").trim().replace(/\s+/g, " ").slice(0, 30);
    const kind = [...one.classList].slice(0, 2).map((name) => `.${name}`);
    return `${one.localName}${kind.join("")}${one.id ? `#${one.id}` : ""}${words ? ` "${words}"` : ""}`;
  };

  // What is left of a box within all that cuts it off, and which of these stays while one scrolls.
  const boxes = new Map();
  const boxOf = (one) => {
    if (!boxes.has(one)) {
      boxes.set(one, measure(one));
    }
    return boxes.get(one);
  };
  function measure(one) {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const parent = one.parentElement && boxOf(one.parentElement);
    const isPinned = ["fixed", "sticky"].includes(style.position);
    const box = { left, top, right, bottom, pinned: isPinned ? one : (parent?.pinned ?? null) };
    box.cut = style.position === "fixed" || !parent ? null : parent.inner;
    if (box.cut) {
      box.left = Math.max(left, box.cut.left);
      box.right = Math.min(right, box.cut.right);
      box.top = Math.max(top, box.cut.top);
      box.bottom = Math.min(bottom, box.cut.bottom);
    }
    const cuts = one !== document.body && one !== root && style.overflow !== "visible";
    box.inner = cuts ? box : box.cut;
    return box;
  }
  const isThere = ({ left, right, top, bottom }) => right - left > 2 && bottom - top > 2;

  // Sideways.
  if (stage === document.body && root.scrollWidth > root.clientWidth) {
    found.push(`scrolls sideways: ${root.scrollWidth} px on ${root.clientWidth}`);
  }
  const outside = new Set();
  for (const one of stage.querySelectorAll("*")) {
    const box = boxOf(one);
    if (isThere(box) && box.right > width + 1 && isSeen(one)) {
      if (!outside.has(one.parentElement)) {
        found.push(`${called(one)} reaches to ${Math.round(box.right)} px on ${width}`);
      }
      outside.add(one);
    } else if (outside.has(one.parentElement)) {
      outside.add(one);
    }
  }

  // Words that are cut off, or stand over the edge of what they are in.
  for (const one of stage.querySelectorAll(TEXTS)) {
    if (one.clientWidth > 2 && isThere(boxOf(one)) && isSeen(one)) {
      const style = getComputedStyle(one);
      if (one.scrollWidth > one.clientWidth + 1) {
        found.push(`${called(one)} is cut: ${one.scrollWidth} px in ${one.clientWidth}`);
      } else if (style.overflowY !== "visible" && one.scrollHeight > one.clientHeight + 2) {
        found.push(`${called(one)} is cut: ${one.scrollHeight} px high in ${one.clientHeight}`);
      }
    }
  }

  // What is pressed: large enough, and nothing over it.
  const active = [...stage.querySelectorAll(ACTIVE)].filter(
    (one) => isThere(boxOf(one)) && isSeen(one),
  );
  for (const one of active) {
    // A box to tick is as large as the words beside it; a link in a sentence as its line.
    const target = (one.labels?.[0] ?? one).getBoundingClientRect();
    const isInText = getComputedStyle(one).display === "inline" && one.localName === "a";
    const least = one.matches(MAIN) ? 44 : 24;
    if (!isInText && (target.height < least - 0.5 || target.width < Math.min(least, 24) - 0.5)) {
      const size = `${Math.round(target.width)}x${Math.round(target.height)}`;
      found.push(`${called(one)} is ${size} px, less than ${least}`);
    }
  }
  // In reading order over the page, so that only those near one another are held against each other.
  const byTop = active.map((one) => [one, boxOf(one)]).sort(([, a], [, b]) => a.top - b.top);
  byTop.forEach(([one, box], place) => {
    for (const [other, its] of byTop.slice(place + 1)) {
      if (its.top >= box.bottom - 2) {
        break;
      }
      const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const down = Math.min(box.bottom, its.bottom) - its.top;
      if (across > 2 && down > 2 && box.pinned === its.pinned && !belongs(one, other)) {
        const area = `${Math.round(across)}x${Math.round(down)}`;
        found.push(`${called(one)} and ${called(other)} overlap: ${area} px`);
      }
    }
  });
  // A photo's own buttons stand on it; a box is ticked by the words it is in.
  function belongs(one, other) {
    const tile = one.closest(".tile, [data-face], .viewfinder");
    return one.contains(other) || other.contains(one) || (tile && tile.contains(other));
  }

  // What has to be on the first screen.
  const topOf = (one) => Math.round(one.getBoundingClientRect().top + window.scrollY);
  const photo = wanted.photo && document.querySelector(".tile");
  if (photo && topOf(photo) > wanted.photo) {
    found.push(`the first photo starts at ${topOf(photo)} px, after ${wanted.photo}`);
  }
  if (wanted.main) {
    const main = [...document.querySelectorAll(wanted.main)].find(isSeen);
    const end = main ? Math.round(main.getBoundingClientRect().bottom + window.scrollY) : Infinity;
    if (end > window.innerHeight) {
      found.push(`${main ? called(main) : wanted.main} ends at ${end} px of ${window.innerHeight}`);
    }
  }
  return found;
};
