import assert from "node:assert/strict";
import { test } from "node:test";

import { refusal } from "../../../../static/photos/intake/upload/fingerprint.js";

const MOST = 100;
const start = (at, text) => [at, [...Buffer.from(text, "latin1")]];
// As the server says it, which tests/photos/intake/test_desk_upload.py looks at.
const KNOWN = {
  bytes: 256,
  formats: [
    { start: [start(0, "\xff\xd8\xff")], brands: [] },
    { start: [start(0, "\x89PNG")], brands: [] },
    { start: [start(0, "RIFF"), start(8, "WEBP")], brands: [] },
    { start: [start(4, "ftyp")], brands: ["heic", "heix"] },
  ],
};
const file = (...bytes) =>
  new Blob([new Uint8Array([...bytes, ...Array(32 - bytes.length).fill(0)])]);
const box = (...brands) =>
  file(0, 0, 0, 8 + 4 * brands.length, ...Buffer.from(`ftyp${brands.join("")}`));

test("pictures are known by their first bytes", async () => {
  const webp = file(...Buffer.from("RIFF"), 0, 0, 0, 0, ...Buffer.from("WEBP"));
  const pictures = [file(0xff, 0xd8, 0xff), file(0x89, 0x50, 0x4e, 0x47), webp, box("heic")];
  for (const picture of pictures) {
    assert.equal(await refusal(picture, MOST, KNOWN), null);
  }
});

test("a brand counts among those of the file's first box, also behind others", async () => {
  assert.equal(await refusal(box("mif1", "\0\0\0\0", "heic"), MOST, KNOWN), null);
  const after = file(0, 0, 0, 16, ...Buffer.from("ftypisom\0\0\0\0heic"));
  assert.equal(await refusal(after, MOST, KNOWN), "unsupported_format");
});

test("what begins like a format in part only is none", async () => {
  const sound = file(...Buffer.from("RIFF"), 0, 0, 0, 0, ...Buffer.from("WAVE"));
  assert.equal(await refusal(sound, MOST, KNOWN), "unsupported_format");
});

test("what is no picture is refused, and so are videos", async () => {
  const others = [file(...Buffer.from("%PDF-1.7")), box("qt  "), box("isom"), new Blob(["short"])];
  for (const other of others) {
    assert.equal(await refusal(other, MOST, KNOWN), "unsupported_format");
  }
});

test("an empty file and one that is too large are told apart from these", async () => {
  assert.equal(await refusal(new Blob([]), MOST, KNOWN), "empty");
  assert.equal(await refusal(file(0xff, 0xd8, 0xff), 31, KNOWN), "too_large");
  assert.equal(await refusal(file(0xff, 0xd8, 0xff), 32, KNOWN), null);
});

test("raw files and videos have words of their own, by bytes or by name", async () => {
  const others = [
    {
      code: "raw_file",
      starts: [[start(0, "FUJIFILMCCD-RAW")]],
      brands: ["crx "],
      without: ["mif1"],
      suffixes: ["nef"],
    },
    {
      code: "video",
      starts: [[start(0, "RIFF"), start(8, "AVI ")]],
      brands: ["qt  ", "iso8"],
      without: ["mif1"],
      suffixes: ["mov"],
    },
  ];
  const known = { ...KNOWN, others };
  const text = (words) => file(...Buffer.from(words, "latin1"));
  const cases = [
    [text("FUJIFILMCCD-RAW"), "a.jpg", "raw_file"],
    [text("II*\0"), "folder/DSC_1.NEF", "raw_file"],
    [text("II*\0"), "scan.tif", "unsupported_format"],
    [box("crx "), "a", "raw_file"],
    [box("qt  "), "a", "video"],
    [box("avif", "\0\0\0\0", "mif1", "iso8"), "a", "unsupported_format"],
    [text("RIFF\0\0\0\0AVI "), "a", "video"],
    [file(0xff, 0xd8, 0xff), "a.NEF", null],
  ];
  for (const [blob, name, code] of cases) {
    assert.equal(await refusal(blob, MOST, known, name), code, name);
  }
  assert.equal(await refusal(text("II*\0"), 5, known, "long.MOV"), "video");
});
