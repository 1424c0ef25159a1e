import assert from "node:assert/strict";
import { test } from "node:test";

import { createProblems } from "../../../../static/photos/intake/upload/problems.js";

// As much of a page as a list of problems needs.
function element() {
  const children = [];
  return {
    children,
    dataset: {},
    open: false,
    append: (...added) => children.push(...added),
    replaceChildren: () => children.splice(0),
  };
}
globalThis.document = { createElement: element };

const wording = { count: (key, n) => `${key} ${n}` };
const REASONS = { video: "This is a video.", empty: "This file is empty." };
const films = (count) => Array.from({ length: count }, (_, n) => ({ name: `${n}`, code: "video" }));
const groupsOf = (list) =>
  list.children.map(({ children: [group] }) => {
    const [title, names, more] = group.children;
    return {
      title: `${title.children[0].textContent} ${title.children[2]}`,
      names: names.children.length,
      more: more.hidden ? "" : more.textContent,
      open: group.open,
    };
  });

test("five hundred films beside an empty photo are two lines", () => {
  const list = element();
  const problems = [...films(500), { name: "a.jpg", code: "empty" }];
  const view = createProblems(list, wording, REASONS);
  view.paint(problems.slice(0, 2));
  assert.deepEqual(groupsOf(list), [
    { title: "problems_of 2 This is a video.", names: 2, more: "", open: true },
  ]);
  view.paint(problems);
  assert.deepEqual(groupsOf(list), [
    {
      title: "problems_of 500 This is a video.",
      names: 200,
      more: "problems_more 300",
      open: false,
    },
    { title: "problems_of 1 This file is empty.", names: 1, more: "", open: true },
  ]);
});

test("who opened a long list keeps it open, and tried again it is made anew", () => {
  const list = element();
  const view = createProblems(list, wording, REASONS);
  view.paint(films(10));
  list.children[0].children[0].open = true;
  view.paint(films(20));
  assert.equal(groupsOf(list)[0].open, true);
  view.paint([{ name: "a", state: "failed", code: "x", reason: "The server says so." }]);
  assert.deepEqual(
    groupsOf(list).map(({ title }) => title),
    ["problems_of 1 The server says so."],
  );
});
