import assert from "node:assert/strict";
import { test } from "node:test";

import { answerAt, kindOf, mayBegin } from "../../../static/faces/guest/swipe.js";

const touch = { x: 180, width: 360, pointerType: "touch", isPrimary: true };

test("far enough to the right is yes, to the left no, and less is neither", () => {
  assert.equal(answerAt(120, 300), "yes");
  assert.equal(answerAt(-120, 300), "no");
  assert.equal(answerAt(80, 300), "");
  assert.equal(answerAt(-80, 300), "");
});

test("on the narrowest card a tremble is no answer", () => {
  assert.equal(answerAt(20, 40), "");
});

test("a movement along the page scrolls it, however far it goes to a side later", () => {
  assert.equal(kindOf(3, 4), "");
  assert.equal(kindOf(20, 40), "other");
  assert.equal(kindOf(40, 38), "other");
  assert.equal(kindOf(-40, 10), "swipe");
});

test("a mouse does not swipe, nor a second finger", () => {
  assert.ok(mayBegin(touch));
  assert.ok(!mayBegin({ ...touch, pointerType: "mouse" }));
  assert.ok(!mayBegin({ ...touch, isPrimary: false }));
});

test("at the edges of the screen the phone has gestures of its own", () => {
  assert.ok(!mayBegin({ ...touch, x: 10 }));
  assert.ok(!mayBegin({ ...touch, x: 350 }));
});
