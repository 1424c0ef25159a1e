import assert from "node:assert/strict";
import { test } from "node:test";

import { refusal } from "../../../../static/photos/intake/upload/fingerprint.js";

const MOST = 100;
const file = (...bytes) =>
  new Blob([new Uint8Array([...bytes, ...Array(32 - bytes.length).fill(0)])]);
const box = (brand) => file(0, 0, 0, 24, ...Buffer.from(`ftyp${brand}`));

test("pictures are known by their first bytes", async () => {
  const webp = file(...Buffer.from("RIFF"), 0, 0, 0, 0, ...Buffer.from("WEBP"));
  const pictures = [file(0xff, 0xd8, 0xff), file(0x89, 0x50, 0x4e, 0x47), webp, box("heic")];
  for (const picture of pictures) {
    assert.equal(await refusal(picture, MOST), null);
  }
});

test("what is no picture is refused, and so are videos", async () => {
  const others = [file(...Buffer.from("%PDF-1.7")), box("qt  "), box("isom"), new Blob(["short"])];
  for (const other of others) {
    assert.equal(await refusal(other, MOST), "unsupported_format");
  }
});

test("an empty file and one that is too large are told apart from these", async () => {
  assert.equal(await refusal(new Blob([]), MOST), "empty");
  assert.equal(await refusal(file(0xff, 0xd8, 0xff), 31), "too_large");
  assert.equal(await refusal(file(0xff, 0xd8, 0xff), 32), null);
});
