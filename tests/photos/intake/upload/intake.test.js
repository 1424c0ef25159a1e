import assert from "node:assert/strict";
import { test } from "node:test";

import { fromDrop, fromList } from "../../../../static/photos/intake/upload/intake.js";

const MEGABYTE = 2 ** 20;

// In place of the library: entries as it tells of them, from the archive's own text.
const ZIP = `data:text/javascript,${encodeURIComponent(`
  export const configure = () => {};
  export class BlobReader { constructor(blob) { this.blob = blob; } }
  export class ZipReader {
    constructor({ blob }) { this.blob = blob; }
    async *getEntriesGenerator() {
      for (const entry of JSON.parse(await this.blob.text())) {
        yield { ...entry, getData: async (sink) => {
          const writer = sink.getWriter();
          await writer.write(new Uint8Array(entry.actualSize ?? entry.uncompressedSize));
          await writer.close();
        } };
      }
    }
  }
`)}`;
const SETTINGS = { loadZip: () => import(ZIP), maxBytes: 50 * MEGABYTE };

const file = (name, text = "bytes") => new File([text], name);
const archive = (...entries) => file("photos.zip", JSON.stringify(entries));
const entry = (filename, more) => ({
  filename,
  uncompressedSize: 100,
  compressedSize: 100,
  ...more,
});

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

test("an archive comes out entry by entry", async () => {
  const packed = archive(
    entry("day/", { directory: true }),
    entry("day/a.jpg"),
    entry("__MACOSX/day/._a.jpg"),
  );
  const found = await all(fromList([packed], SETTINGS));
  assert.deepEqual(names(found), ["photos.zip/day/a.jpg"]);
  assert.equal((await found[0].open()).size, 100);
});

test("entries that nobody should unpack are refused, each with its reason", async () => {
  const packed = archive(
    entry("a.jpg", { encrypted: true }),
    entry("b.zip"),
    entry("c.jpg", { uncompressedSize: 2 * MEGABYTE, compressedSize: 100 }),
    entry("d.jpg", { uncompressedSize: 51 * MEGABYTE, compressedSize: 50 * MEGABYTE }),
    entry("e.jpg", { uncompressedSize: MEGABYTE, compressedSize: 1 }),
  );
  const found = await all(fromList([packed], SETTINGS));
  const codes = ["encrypted", "nested_archive", "archive_bomb", "too_large", undefined];
  assert.deepEqual(refusals(found), codes);
});

test("an entry that is longer than it says is left", async () => {
  const [liar] = await all(
    fromList([archive(entry("a.jpg", { uncompressedSize: 10, actualSize: 11 }))], SETTINGS),
  );
  await assert.rejects(liar.open());
});

test("an archive that cannot be read is one problem", async () => {
  const found = await all(fromList([file("broken.zip", "no archive")], SETTINGS));
  assert.deepEqual([names(found), refusals(found)], [["broken.zip"], ["bad_archive"]]);
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
