import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  Failed,
  fetchPhoto,
  Gone,
  Refused,
} from "../../../static/photos/delivery/archive-fetch.js";
import { partsOf, Progress, writeArchive } from "../../../static/photos/delivery/archive-run.js";

const PHOTO = "0123456789";
let answers; // of the server, in turn: a status with headers, or how much of the photo arrives
let asked;
let slept;

beforeEach(() => {
  [answers, asked, slept] = [[], [], []];
  globalThis.fetch = async (address, { headers = {} }) => {
    asked.push(headers.Range ? `${address} ${headers.Range} ${headers["If-Range"]}` : address);
    const next = answers.shift() ?? {};
    if (next.status) {
      return new Response("", next);
    }
    const from = Number(/bytes=(\d+)/.exec(headers.Range)?.[1] ?? 0);
    return part(from, next.until ?? PHOTO.length, next.etag ?? '"v"');
  };
});

function part(from, until, etag) {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(PHOTO.slice(from, until)));
      controller.close();
    },
  });
  const headers = { "Content-Length": String(PHOTO.length - from), ETag: etag };
  return new Response(body, { status: from ? 206 : 200, headers });
}

function settings(more = {}) {
  const signal = new AbortController().signal;
  return { signal, sleep: async (ms) => slept.push(ms), ...more };
}

test("a photo that breaks off goes on where it stopped, of the same version", async () => {
  answers = [{ until: 4 }, { until: 7 }];
  let bytes = 0;
  const blob = await fetchPhoto("/1", settings({ onBytes: (more) => (bytes += more) }));
  assert.equal(await blob.text(), PHOTO);
  assert.deepEqual(asked, ["/1", '/1 bytes=4- "v"', '/1 bytes=7- "v"']);
  assert.equal(bytes, PHOTO.length);
  assert.deepEqual(slept, [1000, 1000]); // it came further each time
});

test("a server without room is asked again when it says so, any number of times", async () => {
  const busy = { status: 503, headers: { "Retry-After": "5" } };
  answers = Array(12).fill(busy);
  assert.equal(await (await fetchPhoto("/1", settings())).text(), PHOTO);
  assert.deepEqual(slept, Array(12).fill(5000));
});

test("waits grow while nothing comes, up to half a minute", async () => {
  const fetchAgain = globalThis.fetch;
  let failures = 8;
  globalThis.fetch = async (...all) => {
    if (failures-- > 0) {
      throw new TypeError("network");
    }
    return fetchAgain(...all);
  };
  await fetchPhoto("/1", settings());
  assert.deepEqual(slept, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("what is gone, refused or broken at the server is not asked for again for ever", async () => {
  for (const [status, kind] of [
    [404, Gone],
    [403, Refused],
    [401, Refused],
    [400, Failed],
  ]) {
    answers = [{ status }];
    await assert.rejects(fetchPhoto("/1", settings()), kind);
  }
  answers = Array(6).fill({ status: 500 });
  await assert.rejects(fetchPhoto("/1", settings()), Failed);
});

test("whoever cancels is not made to wait", async () => {
  const controller = new AbortController();
  const sleep = async () => controller.abort();
  globalThis.fetch = async () => {
    throw new TypeError("network");
  };
  await assert.rejects(fetchPhoto("/1", { signal: controller.signal, sleep }), TypeError);
});

test("photos are put into as few archives as their lengths allow", () => {
  const photos = [3, 3, 5, 9, 1].map((bytes, id) => [id, `${id}.jpg`, bytes]);
  const ids = partsOf(photos, 6).map((some) => some.map(([id]) => id));
  assert.deepEqual(ids, [[0, 1], [2], [3], [4]]);
});

test("an archive goes on without what was removed, two at a time, and says so", async () => {
  const photos = [1, 2, 3, 4].map((id) => [id, `${id}.jpg`, PHOTO.length]);
  answers = [{}, { status: 404 }, { status: 400 }, {}];
  const [names, asks] = [[], []];
  class ZipWriter {
    async add(name, { blob }) {
      names.push(`${name} ${await blob.text()}`);
      asks.push(asked.length);
    }
    async close() {}
  }
  class BlobReader {
    constructor(blob) {
      this.blob = blob;
    }
  }
  const progress = new Progress(photos);
  const zip = { ZipWriter, BlobReader };
  const made = { ...settings(), address: "/p/0/download?size=web", zip, progress };
  assert.equal(await writeArchive(photos, made), 2);
  assert.deepEqual(names, [`1.jpg ${PHOTO}`, `4.jpg ${PHOTO}`]);
  assert.deepEqual(asks, [2, 4]);
  assert.equal(asked[1], "/p/2/download?size=web");
  const { done, gone, failed, bytes, waits } = progress;
  assert.deepEqual([done, gone, failed, bytes, waits], [4, 1, 1, 20, 0]);
});
