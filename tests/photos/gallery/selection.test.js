import assert from "node:assert/strict";
import { test } from "node:test";

import { Selection } from "../../../static/photos/gallery/selection.js";
import { scrollStep } from "../../../static/photos/gallery/selection-touch.js";

const ALL = ["5", "4", "3", "2", "1"];
const LABELS = { labelOne: "1 chosen", labelMany: "{} chosen" };

function selected(...ids) {
  const selection = new Selection();
  ids.forEach((id) => selection.toggle(id));
  return selection;
}

test("what is selected twice is not selected", () => {
  assert.deepEqual(selected("1", "2", "1").ids, ["2"]);
});

test("a range goes from the one selected before, in both directions", () => {
  const down = selected("5");
  down.toggle("3", ALL, true);
  assert.deepEqual(down.ids, ["5", "4", "3"]);
  const up = selected("2");
  up.toggle("4", ALL, true);
  assert.deepEqual(new Set(up.ids), new Set(["4", "3", "2"]));
});

test("a range that ends at a selected photo takes all of it back", () => {
  const selection = selected("5", "4", "3", "2");
  selection.toggle("5", ALL, true);
  assert.deepEqual(selection.ids, []);
});

test("a range from a photo that is gone is this photo only", () => {
  const selection = selected("9");
  selection.toggle("3", ALL, true);
  assert.deepEqual(selection.ids, ["9", "3"]);
});

test("the words for one and for many", () => {
  assert.equal(selected("1").count(LABELS), "1 chosen");
  assert.equal(selected("1", "2").count(LABELS), "2 chosen");
  assert.equal(selected().count(LABELS), "0 chosen");
});

test("a finger that goes over photos selects all between, and gives back what it leaves", () => {
  const selection = selected("1");
  selection.beginDrag("4");
  selection.dragTo("2", ALL);
  assert.deepEqual(new Set(selection.ids), new Set(["4", "3", "2", "1"]));
  selection.dragTo("5", ALL);
  assert.deepEqual(new Set(selection.ids), new Set(["5", "4", "1"]));
});

test("from a selected photo it takes back what it goes over, and nothing else", () => {
  const selection = selected("5", "4", "2");
  selection.beginDrag("4");
  assert.deepEqual(new Set(selection.ids), new Set(["5", "2"]));
  selection.dragTo("1", ALL);
  assert.deepEqual(selection.ids, ["5"]);
});

test("a range goes on from where the finger was last", () => {
  const selection = selected();
  selection.beginDrag("5");
  selection.dragTo("4", ALL);
  selection.toggle("2", ALL, true);
  assert.deepEqual(selection.ids, ["5", "4", "3", "2"]);
});

test("near an edge the gallery moves under the finger, the faster the nearer", () => {
  assert.deepEqual(
    [0, 44, 300, 756, 800].map((y) => scrollStep(y, 800, 88)),
    [-18, -9, 0, 9, 18],
  );
});

test("cleared, nothing is selected", () => {
  const selection = selected("1", "2");
  selection.clear();
  assert.equal(selection.size, 0);
  assert.equal(selection.has("1"), false);
});
