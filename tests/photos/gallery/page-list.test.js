import assert from "node:assert/strict";
import { test } from "node:test";

import { PageList } from "../../../static/photos/gallery/page-list.js";

const photos = (...ids) => ids.map((id) => ({ id }));
const idsOf = ({ items }) => items.map((item) => item.id);

function threePages() {
  const pages = new PageList();
  pages.add("middle", photos("d", "c"));
  pages.add("oldest", photos("b", "a"), true);
  pages.add("newest", photos("f", "e"), false);
  return pages;
}

test("older pages come after, newer ones before", () => {
  const pages = threePages();
  assert.deepEqual(idsOf(pages), ["f", "e", "d", "c", "b", "a"]);
  assert.equal(pages.first.element, "newest");
});

test("a page is found by its element, and by a photo", () => {
  const pages = threePages();
  assert.equal(pages.of("oldest"), pages.with("a"));
  assert.equal(pages.with("c").element, "middle");
  assert.equal(pages.with("z"), undefined);
});

test("photos are removed, and the pages told that had them", () => {
  const pages = threePages();
  const changed = pages.remove(new Set(["a", "d", "z"]));
  assert.deepEqual(
    changed.map((page) => page.element),
    ["middle", "oldest"],
  );
  assert.deepEqual(idsOf(pages), ["f", "e", "c", "b"]);
});

test("photos behind those that are removed are one less from the first, and of fewer", () => {
  const pages = new PageList();
  const at = (id, place) => ({ id, at: place, all: 46 });
  pages.add("one", [at("d", 12), at("c", 13)]);
  pages.add("next", [at("b", 14), at("a", 15)]);
  pages.remove(new Set(["c", "a"]));
  assert.deepEqual(pages.items, [
    { id: "d", at: 12, all: 44 },
    { id: "b", at: 13, all: 44 },
  ]);
});

test("only what is put away changes its height with the screen's width", () => {
  const pages = threePages();
  Object.assign(pages.of("oldest"), { height: 900, markup: "<ul></ul>" });
  Object.assign(pages.of("middle"), { height: 900 });
  const scaled = pages.scale(2);
  assert.deepEqual(scaled, [pages.of("oldest")]);
  assert.equal(pages.of("oldest").height, 1800);
  assert.equal(pages.of("middle").height, 900);
});

test("cleared, it begins anew", () => {
  const pages = threePages();
  pages.clear();
  assert.deepEqual(pages.items, []);
  assert.equal(pages.first, undefined);
});
