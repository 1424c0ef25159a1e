import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromList } from "../../../../static/photos/intake/upload/intake.js";

// What the server says of the same archives: tests/photos/intake/test_archives.py.
const table = new URL("archives.json", import.meta.url);
const kinds = new URL("kinds.json", import.meta.url);
const settings = {
  loadZip: () => import("@zip.js/zip.js/dist/zip-core-external.min.js"),
  maxBytes: 1000,
  formats: JSON.parse(readFileSync(kinds, "utf-8")).known,
};

async function had({ name, refused, open }) {
  const code =
    refused ??
    (await open().then(
      () => null,
      (error) => error.refused,
    ));
  return [name.slice("x.zip/".length), code];
}

for (const { name, zip, entries, code } of JSON.parse(readFileSync(table, "utf-8"))) {
  test(`an archive: ${name}`, async () => {
    const found = [];
    for await (const one of fromList([new File([Buffer.from(zip, "base64")], "x.zip")], settings)) {
      found.push(one);
    }
    if (code) {
      assert.deepEqual([found.length, found[0].name, found[0].refused], [1, "x.zip", code]);
    } else {
      assert.deepEqual(await Promise.all(found.map(had)), entries);
    }
  });
}
