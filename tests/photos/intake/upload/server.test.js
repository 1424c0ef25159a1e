import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Refused,
  SignedOut,
  createServer,
  problem,
} from "../../../../static/photos/intake/upload/server.js";

const page = { cookie: "csrftoken=one" };
globalThis.document = page;
const server = createServer({ knownAddress: "/known/" });

function answering(status, answer) {
  const asked = [];
  globalThis.fetch = async (address, options) => {
    asked.push({ address, ...options });
    return new Response(JSON.stringify(answer), { status });
  };
  return asked;
}

test("it asks which hashes the event has, with the token of now", async () => {
  const asked = answering(200, { open: true, known: ["b"] });
  assert.deepEqual(await server.known(["a", "b"]), new Set(["b"]));
  page.cookie = "csrftoken=two";
  await server.known([]);
  assert.deepEqual(JSON.parse(asked[0].body), { sha256: ["a", "b"] });
  assert.deepEqual(
    asked.map(({ headers }) => headers["X-CSRFToken"]),
    ["one", "two"],
  );
});

test("an event that is closed takes nothing", async () => {
  answering(200, { open: false, known: [] });
  await assert.rejects(server.known([]), (error) => error.message === "event_closed");
});

test("whoever is signed out, or has another session now, signs in again", () => {
  assert.ok(problem(401) instanceof SignedOut);
  assert.ok(problem(403, undefined) instanceof SignedOut);
});

test("who may not, or finds no event, is refused", () => {
  for (const refused of [problem(403, "not_allowed"), problem(404)]) {
    assert.ok(refused instanceof Refused);
    assert.equal(refused.message, "not_allowed");
  }
});

test("everything else is worth another try, and says what the server said", () => {
  const error = problem(503, "store_away", "The storage is away.");
  assert.ok(!(error instanceof Refused || error instanceof SignedOut));
  assert.equal(error.reason, "The storage is away.");
  assert.equal(problem(400, "broken_off", "It did not arrive.").reason, undefined);
});
