import assert from "node:assert/strict";
import { test } from "node:test";

import { csrfHeaders } from "../../static/site/csrf.js";

test("the token is found among other cookies", () => {
  const headers = csrfHeaders("sessionid=a; csrftoken=t0ken=; xcsrftoken=other");
  assert.deepEqual(headers, { "X-CSRFToken": "t0ken=" });
});

test("a cookie whose name ends like it is another one", () => {
  assert.deepEqual(csrfHeaders("xcsrftoken=other"), { "X-CSRFToken": "" });
});

test("with https the cookie that only the host itself can set wins", () => {
  const headers = csrfHeaders("csrftoken=planted; __Host-csrftoken=own");
  assert.deepEqual(headers, { "X-CSRFToken": "own" });
});
