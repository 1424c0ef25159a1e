import assert from "node:assert/strict";
import { test } from "node:test";

import { createFolders, folderOf } from "../../../../static/photos/intake/upload/folders.js";

test("a file's folder is the one it is in, and a ZIP archive counts as one", () => {
  assert.equal(folderOf("Wedding/Ceremony/1.jpg"), "Ceremony");
  assert.equal(folderOf("party.ZIP/1.jpg"), "party");
  assert.equal(folderOf("1.jpg"), "");
});

test("folders are sections only where that is ticked", () => {
  const box = { checked: false };
  const { sectionOf } = createFolders(box);
  assert.equal(sectionOf({ name: "Party/1.jpg" }), "");
  box.checked = true;
  assert.equal(sectionOf({ name: "Party/1.jpg" }), "Party");
});
