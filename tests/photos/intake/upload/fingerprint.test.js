import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { refusal } from "../../../../static/photos/intake/upload/fingerprint.js";

// The server's own, and what both have to say of each file: tests/photos/intake/test_kinds.py.
const table = new URL("kinds.json", import.meta.url);
const { known, cases } = JSON.parse(readFileSync(table, "utf-8"));
const MOST = 1000;

function file(hex) {
  const start = Buffer.from(hex, "hex");
  return new Blob([start, new Uint8Array(Math.max(0, 400 - start.length))]);
}

const JPEG = file("ffd8ff");

test("the server and the script say the same of each kind of file", async () => {
  for (const { name, start, code } of cases) {
    assert.equal(await refusal(file(start), MOST, known, name), code, name);
  }
});

test("an empty file and one that is too large are told apart from these", async () => {
  assert.equal(await refusal(new Blob([]), MOST, known), "empty");
  assert.equal(await refusal(JPEG, 399, known), "too_large");
  assert.equal(await refusal(JPEG, 400, known), null);
  assert.equal(await refusal(file("00"), 399, known), "too_large");
  assert.equal(await refusal(file("00"), 399, known, "long.MOV"), "video");
});

test("a file that is shorter than what is looked at is looked at all the same", async () => {
  const short = new Blob([Buffer.from("short")]);
  assert.equal(await refusal(short, MOST, known), "not_an_image");
});
