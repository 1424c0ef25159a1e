"""Which of some faces belong together, by how alike they are to each other: average linkage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]

# Two faces begin a group from here on; a group takes another face or group in while the mean
# cosine between the two is at least the second (tuned on one half of 13,232 public portraits'
# people, judged on the other).
PAIR_COSINE = 0.46
GROUP_COSINE = 0.38
# Time and memory grow with the square of the number of faces: 1,000 take 0.1 s. Of a guest with
# more the surest ones tell who the groups are, and each other face joins the nearest.
MOST_COMPARED = 1000


def groups(vectors: Vectors, photo_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """A label for each face, 0 and up; equal labels belong together.

    `vectors`: (n, d), unit length, the surest first. Never two faces of one photo in a group:
    nobody is twice in a photo.
    """
    labels = _linked(vectors[:MOST_COMPARED], photo_ids[:MOST_COMPARED])
    if len(vectors) <= MOST_COMPARED:
        return labels
    sums = np.stack([vectors[:MOST_COMPARED][labels == i].sum(0) for i in range(labels.max() + 1)])
    means = vectors[MOST_COMPARED:] @ (sums / np.bincount(labels)[:, None]).T
    nearest = means.argmax(axis=1)
    alone = labels.max() + 1 + np.arange(len(nearest))
    joined = np.where(means.max(axis=1) >= GROUP_COSINE, nearest, alone)
    return np.concatenate([labels, joined])


def _linked(vectors: Vectors, photo_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join the two nearest groups again and again, until no two are near enough."""
    labels = np.arange(len(vectors))
    if len(vectors) < 2:
        return labels
    mean = vectors @ vectors.T
    apart = photo_ids[:, None] == photo_ids[None, :]
    sizes = np.ones(len(vectors))
    allowed = _allowed(mean, apart, sizes)
    best = allowed.argmax(axis=1)
    while True:
        heights = allowed[np.arange(len(best)), best]
        one = int(heights.argmax())
        if not np.isfinite(heights[one]):
            return np.unique(labels, return_inverse=True)[1]
        other = int(best[one])
        labels[labels == other] = one
        _join(mean, apart, sizes, one, other)
        for row in (one, other):
            allowed[row] = _allowed_row(mean, apart, sizes, row)
            allowed[:, row] = allowed[row]
        # Only what pointed at one of the two can have lost its nearest; the joined one can be
        # nearer to anybody than what they had.
        lost = (best == one) | (best == other)
        best[lost] = allowed[lost].argmax(axis=1)
        nearer = allowed[:, one] > allowed[np.arange(len(best)), best]
        best[nearer] = one
        best[one] = allowed[one].argmax()


def _join(mean: Vectors, apart: NDArray[np.bool_], sizes: Vectors, one: int, other: int) -> None:
    total = sizes[one] + sizes[other]
    mean[one] = (sizes[one] * mean[one] + sizes[other] * mean[other]) / total
    mean[:, one] = mean[one]
    apart[one] |= apart[other]
    apart[:, one] = apart[one]
    sizes[one], sizes[other] = total, 0


def _allowed(mean: Vectors, apart: NDArray[np.bool_], sizes: Vectors) -> Vectors:
    return np.stack([_allowed_row(mean, apart, sizes, row) for row in range(len(mean))])


def _allowed_row(mean: Vectors, apart: NDArray[np.bool_], sizes: Vectors, row: int) -> Vectors:
    """Mean cosines to the groups that this one may be joined with; minus infinity to others."""
    least = np.where((sizes == 1) & (sizes[row] == 1), PAIR_COSINE, GROUP_COSINE)
    may = (mean[row] >= least) & ~apart[row] & (sizes > 0) & (sizes[row] > 0)
    may[row] = False
    return np.where(may, mean[row], -np.inf)
