import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Sharer } from "../../../static/photos/delivery/sharing.js";

let fetched;
let shared;
let outcomes; // of the share sheet, in turn: the name of an error, or nothing

beforeEach(() => {
  fetched = [];
  shared = [];
  outcomes = [];
  globalThis.fetch = async (address) => {
    fetched.push(address);
    const headers = { "Content-Disposition": 'attachment; filename="2026-06-01 12.00.jpg"' };
    return address.startsWith("/gone")
      ? new Response("", { status: 404 })
      : new Response("x", { headers });
  };
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: {
      share: async ({ files }) => {
        const name = outcomes.shift();
        if (name) {
          throw Object.assign(new Error(name), { name });
        }
        shared.push(files.map((file) => file.name));
      },
    },
  });
});

test("files are fetched, and shared by the names they came with", async () => {
  assert.equal(await new Sharer().share(["/1", "/2"]), "shared");
  assert.deepEqual(shared, [["2026-06-01 12.00.jpg", "2026-06-01 12.00.jpg"]]);
});

test("where fetching took longer than a tap counts, the next tap shares without fetching", async () => {
  const sharer = new Sharer();
  outcomes = ["NotAllowedError"];
  assert.equal(await sharer.share(["/1"]), "ready");
  assert.equal(await sharer.share(["/1"]), "shared");
  assert.deepEqual(fetched, ["/1"]);
});

test("what is kept for another choice is not shared", async () => {
  const sharer = new Sharer();
  outcomes = ["NotAllowedError"];
  await sharer.share(["/1"]);
  await sharer.share(["/2"]);
  assert.deepEqual(fetched, ["/1", "/2"]);
});

test("a sheet that is closed is no failure, and nothing is kept", async () => {
  const sharer = new Sharer();
  outcomes = ["AbortError"];
  assert.equal(await sharer.share(["/1"]), "shared");
  await sharer.share(["/1"]);
  assert.deepEqual(fetched, ["/1", "/1"]);
});

test("a photo that is gone, or a sheet that breaks, is a failure", async () => {
  assert.equal(await new Sharer().share(["/1", "/gone"]), "failed");
  outcomes = ["DataError"];
  assert.equal(await new Sharer().share(["/1"]), "failed");
});
