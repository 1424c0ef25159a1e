import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { createDirectTransport } from "../../../../static/photos/intake/upload/direct.js";

const PART = 8 * 2 ** 20;
const part = (number) => ({ PartNumber: number, ETag: `"${number}"` });

// In place of Uppy: it brings the parts that the test says, and then ends.
const UPPY = `data:text/javascript,${encodeURIComponent(`
  export class AwsS3 {}
  export class Uppy {
    listeners = {};
    use() {}
    on(name, act) { this.listeners[name] = act; }
    addFile() { return "file"; }
    setFileState() {}
    async upload() {
      for (const part of globalThis.partsBrought.shift() ?? []) {
        this.listeners["s3-multipart:part-uploaded"]({}, part);
      }
    }
    destroy() {}
    pauseAll() {}
  }
`)}`;

let answers; // of our server, by method and end of the address
let asked;
let sentToServer;
let brought; // by each Uppy, in turn: which parts
let send;

beforeEach(() => {
  asked = [];
  sentToServer = [];
  brought = [];
  globalThis.partsBrought = brought;
  answers = { begin: [200, { key: "k", uploadId: "u" }], list: [200, []], abort: [200, {}] };
  globalThis.fetch = async (address, { method, body }) => {
    const kind = address.includes("/complete")
      ? "complete"
      : { POST: "begin", GET: "list", DELETE: "abort" }[method];
    asked.push(kind);
    const answer = answers[kind];
    if (!answer) {
      throw new TypeError("no connection");
    }
    answers.last = body && JSON.parse(body);
    return new Response(JSON.stringify(answer[1]), { status: answer[0] });
  };
  send = createDirectTransport({
    loadUppy: () => import(UPPY),
    directAddress: "/direct",
    sendToServer: async (item, blob, onProgress, headers) => {
      sentToServer.push([item.name, headers]);
      return { status: 200, answer: { state: "accepted" } };
    },
  });
});

const file = (parts) => [{ name: "a.jpg" }, new Blob([new Uint8Array(parts * PART)]), () => {}];

test("a file goes in parts, and is then looked at", async () => {
  brought.push([part(1), part(2)]);
  answers.complete = [200, { outcome: "accepted" }];
  const { status, answer } = await send(...file(2));
  assert.deepEqual([status, answer.state], [200, "accepted"]);
  assert.deepEqual(asked, ["begin", "complete"]);
  assert.deepEqual(answers.last, { parts: [part(1), part(2)] });
});

test("where it is not offered any more, this file and all others go to the server", async () => {
  answers.begin = [404, {}];
  await send(...file(1));
  await send(...file(1));
  assert.deepEqual(asked, ["begin"]);
  assert.equal(sentToServer.length, 2);
});

test("what the server says against this very file is a refusal", async () => {
  answers.begin = [422, { code: "too_large", reason: "Too large." }];
  assert.deepEqual(await send(...file(1)), {
    status: 200,
    answer: { state: "refused", code: "too_large", reason: "Too large." },
  });
});

test("without a connection there is no status", async () => {
  answers.begin = undefined;
  assert.equal((await send(...file(1))).status, 0);
});

test("a bucket that the browser does not reach is gone around, and said to be", async () => {
  brought.push([]);
  await send(...file(1));
  await send(...file(1));
  assert.deepEqual(asked, ["begin", "list", "abort"]);
  assert.deepEqual(sentToServer, [
    ["a.jpg", { "X-Bucket-Unreachable": "1" }],
    ["a.jpg", undefined],
  ]);
});

test("after a break only what is missing is sent, in the same upload", async () => {
  const [item, blob, onProgress] = file(2);
  brought.push([part(1)], [part(2)]);
  answers.list = [200, [part(1)]];
  answers.complete = [200, { outcome: "accepted" }];
  assert.equal((await send(item, blob, onProgress)).status, 0);
  assert.equal((await send(item, blob, onProgress)).answer.state, "accepted");
  assert.deepEqual(asked, ["begin", "list", "complete"]);
});

test("a try that brings nothing, where others did, counts as one", async () => {
  const [item, blob, onProgress] = file(2);
  brought.push([part(1)], []);
  answers.list = [200, [part(1)]];
  await send(item, blob, onProgress);
  assert.equal((await send(item, blob, onProgress)).status, 502);
});

test("an upload that was removed meanwhile begins anew", async () => {
  const [item, blob, onProgress] = file(1);
  brought.push([], [part(1)]);
  answers.list = [422, {}];
  answers.complete = [200, { outcome: "known" }];
  assert.equal((await send(item, blob, onProgress)).status, 502);
  assert.equal((await send(item, blob, onProgress)).answer.state, "known");
  assert.deepEqual(asked, ["begin", "list", "begin", "complete"]);
});

test("an object that was lost on the way is sent again", async () => {
  brought.push([part(1)]);
  answers.complete = [200, { outcome: "refused", code: "upload_lost" }];
  assert.equal((await send(...file(1))).status, 502);
});
