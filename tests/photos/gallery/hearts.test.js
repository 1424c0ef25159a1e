import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Hearts } from "../../../static/photos/gallery/hearts.js";

let hearts;
let answer;
let sent;

beforeEach(() => {
  globalThis.document = { cookie: "csrftoken=t" };
  sent = [];
  globalThis.fetch = async (address, options) => {
    sent.push([address, options.body?.toString()]);
    return answer();
  };
  hearts = new Hearts({ dataset: { favourites: "/ids/", mark: "/mark/" } });
});

const ok = (favourites) => () => new Response(JSON.stringify({ favourites }));

test("hearts are those of the server", async () => {
  answer = ok([1, 2]);
  await hearts.load();
  assert.deepEqual(
    ["1", "2", "3"].map((id) => hearts.has(id)),
    [true, true, false],
  );
});

test("a heart is shown at once, and said to the server", async () => {
  answer = ok();
  const said = hearts.set(["1", "2"], true);
  assert.ok(hearts.has("1") && hearts.has("2"));
  assert.equal(await said, true);
  assert.deepEqual(sent, [["/mark/", "photos=1%2C2&on=1"]]);
});

test("some without a heart give it to all, and where all have it, all lose it", async () => {
  answer = ok();
  await hearts.set(["1"], true);
  await hearts.toggle(["1", "2"]);
  assert.ok(hearts.has("1") && hearts.has("2"));
  await hearts.toggle(["1", "2"]);
  assert.ok(!hearts.has("1") && !hearts.has("2"));
});

// As `fetch` gives it after a redirect.
const signedOut = () => {
  const page = new Response("<!doctype html>");
  Object.defineProperty(page, "redirected", { value: true });
  return page;
};

test("who is offline, or leaves the page before it was answered, has no hearts, and no error", async () => {
  answer = () => Promise.reject(new TypeError("no network"));
  await hearts.load();
  assert.equal(hearts.has("1"), false);
});

test("who has signed out elsewhere has no hearts, and no error", async () => {
  answer = signedOut;
  await hearts.load();
  assert.equal(hearts.has("1"), false);
});

test("what the server did not hear of is taken back", async () => {
  for (const failing of [
    () => new Response("", { status: 403 }),
    signedOut,
    () => Promise.reject(new Error()),
  ]) {
    answer = failing;
    assert.equal(await hearts.set(["1"], true), false);
    assert.equal(hearts.has("1"), false);
  }
});

test("an answer that was under way does not undo what was said meanwhile", async () => {
  let arrive;
  answer = () => new Promise((resolve) => (arrive = () => resolve(ok([1])())));
  const loading = hearts.load();
  answer = ok();
  await hearts.set(["1"], false);
  await hearts.set(["2"], true);
  arrive();
  await loading;
  assert.deepEqual([hearts.has("1"), hearts.has("2")], [false, true]);
});

test("every change is said to those who listen", async () => {
  let changes = 0;
  hearts.addEventListener("change", () => (changes += 1));
  answer = () => new Response("", { status: 500 });
  await hearts.set(["1"], true);
  assert.equal(changes, 2);
});
