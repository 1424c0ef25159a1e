import assert from "node:assert/strict";
import { test } from "node:test";

import { fromDrop, fromList } from "../../../../static/photos/intake/upload/intake.js";

const SETTINGS = { maxBytes: 50 * 2 ** 20 };

const file = (name, text = "bytes") => new File([text], name);

async function all(files) {
  const found = [];
  for await (const one of files) {
    found.push(one);
  }
  return found;
}

const names = (found) => found.map(({ name }) => name);
const refusals = (found) => found.map(({ refused }) => refused);

test("files keep the path of their folder; what systems leave beside them is passed over", async () => {
  const inFolder = Object.assign(file("a.jpg"), { webkitRelativePath: "day 1/a.jpg" });
  const rest = ["Thumbs.db", ".DS_Store", "b.jpg"].map((name) => file(name));
  const found = await all(fromList([inFolder, ...rest], SETTINGS));
  assert.deepEqual(names(found), ["day 1/a.jpg", "b.jpg"]);
  assert.equal(await (await found[1].open()).text(), "bytes");
});

test("dropped folders are gone through, portion by portion, by name", async () => {
  const leaf = (name) => ({
    name,
    fullPath: `/trip/${name}`,
    file: (resolve) => resolve(file(name)),
  });
  const gone = {
    name: "c.jpg",
    fullPath: "/trip/c.jpg",
    file: (resolve, reject) => reject(new Error("gone")),
  };
  const portions = [[leaf("b.jpg")], [gone, leaf("a.jpg")], []];
  const folder = {
    isDirectory: true,
    createReader: () => ({ readEntries: (resolve) => resolve(portions.shift()) }),
  };
  const transfer = { items: [{ webkitGetAsEntry: () => folder }], files: [] };
  const found = await all(fromDrop(transfer, SETTINGS));
  assert.deepEqual(names(found), ["trip/a.jpg", "trip/b.jpg", "trip/c.jpg"]);
  assert.deepEqual(refusals(found), [undefined, undefined, "unreadable"]);
});
