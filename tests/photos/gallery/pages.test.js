import assert from "node:assert/strict";
import { test } from "node:test";

// Scripts of pages ask for it when they are loaded.
globalThis.IntersectionObserver = class {};
globalThis.DOMParser = class {
  parseFromString(text, type) {
    return { text, type };
  }
};
const { fetchDocument } = await import("../../../static/photos/gallery/pages.js");

function answer(status, { redirected = false } = {}) {
  globalThis.fetch = async () =>
    Object.defineProperty(new Response("<p>", { status }), "redirected", { value: redirected });
}

test("a page that is fetched is read as a document", async () => {
  answer(200);
  assert.deepEqual(await fetchDocument("/e/party/?before=3"), { text: "<p>", type: "text/html" });
});

test("a page that is gone is no page of the gallery", async () => {
  answer(404);
  await assert.rejects(fetchDocument("/e/party/?before=3"));
});

test("nor is the log-in page, to which one is led when the session has ended", async () => {
  answer(200, { redirected: true });
  await assert.rejects(fetchDocument("/e/party/?before=3"));
});
