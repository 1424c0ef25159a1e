import assert from "node:assert/strict";
import { test } from "node:test";

import { changeOf, createPhotos } from "../../../../static/photos/desk/culling/photos.js";

const photo = (id, more = {}) => ({ id, hidden: false, ...more });

test("a decision shows at once, and is taken back to what the server said last", () => {
  const photos = createPhotos({ ids: [1], told: [photo(1)], ask: async () => [] });
  photos.expect(1, changeOf("hide"));
  assert.equal(photos.of(1).hidden, true);
  photos.confirm(photo(1, { hidden: true }));
  photos.expect(1, changeOf("section-7"));
  photos.takeBack(1);
  assert.deepEqual(photos.of(1), photo(1, { hidden: true }));
});

test("photos that are not known are asked for once, and what was decided meanwhile stays", async () => {
  const asked = [];
  const ask = async (id) => {
    asked.push(id);
    return [photo(1), photo(id), photo(id + 1)];
  };
  const photos = createPhotos({ ids: [1, 2, 3], told: [photo(1)], ask });
  photos.expect(1, { hidden: true });
  const found = await Promise.all([photos.need(1), photos.need(1)]);
  assert.deepEqual(
    found.map(({ id }) => id),
    [2, 2],
  );
  assert.equal(photos.of(1).hidden, true);
  assert.ok(asked.length <= 2);
});
