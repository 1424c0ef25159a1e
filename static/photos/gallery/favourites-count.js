// How many favourites there are, in step with the hearts. The photos stay for this visit: whoever took
// a heart back by mistake can give it again.

import { pages } from "./gallery.js";
import { hearts } from "./selection-bar.js";

const line = document.querySelector("[data-counts-hearts]");

if (line && hearts) {
  hearts.addEventListener("change", paint);
}

function paint() {
  if (!hearts.isKnown) {
    return;
  }
  const without = pages.items.filter(({ id }) => !hearts.has(id.slice("photo-".length)));
  const count = pages.total - without.length;
  const { lang } = document.documentElement;
  const isOne = new Intl.PluralRules(lang).select(count) === "one";
  const { labelOne, labelMany } = line.dataset;
  const words = (isOne ? labelOne : labelMany).replace("{}", count.toLocaleString(lang));
  if (words !== line.textContent.trim()) {
    line.textContent = words;
  }
}
