"""What matching is told of a guest's faces, whatever index found them: how like, and in which band.

All numbers are on the scale 0..100 of `faces.vision.similarity`.
"""

from __future__ import annotations

from dataclasses import dataclass

from faces.models import Candidate


@dataclass(frozen=True)
class Bands:
    """From where on a face is SURE, is ASKED about, and is worth keeping at all."""

    sure: float
    asked: float
    near: float

    def band_of(self, similarity: float) -> Candidate.Band | None:
        """None: it is not kept."""
        if similarity >= self.sure:
            return Candidate.Band.SURE
        if similarity >= self.asked:
            return Candidate.Band.ASKED
        return Candidate.Band.NEAR if similarity >= self.near else None


@dataclass(frozen=True)
class Scored:
    """A face that may be a guest's, by what is known of that guest alone.

    `strength` is what counts where several guests claim the face. The band may be lower than
    `similarity` says, never higher.
    """

    face_id: int
    similarity: float
    strength: float
    band: Candidate.Band
