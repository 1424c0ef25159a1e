"""What became of files that were sent: each is accepted, known already, or refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from findme.refusals import code_and_reason
from photos.imaging import foreign
from photos.models import DirectUpload

# Whatever way files come by, these are what may become of them.
Outcome = DirectUpload.Outcome


# What is no photo at all, and so no photo that is missing.
NO_PHOTOS = frozenset({"not_an_image", "video", "empty_archive"})
# What was refused before it was looked at is one if it is called so.
UNSEEN = frozenset({"empty", "too_large", "entry_bomb"})


class Tally:
    """Names of files by what became of them and, where they were refused, by its code; where they
    were taken, by their format."""

    def __init__(self) -> None:
        self._names: dict[tuple[Outcome, str], list[str]] = {}

    def note(self, outcome: Outcome, name: str, about: str = "") -> None:
        self._names.setdefault((outcome, about), []).append(name)

    def counts(self) -> Counter[Outcome]:
        counts: Counter[Outcome] = Counter()
        for (outcome, _about), names in self._names.items():
            counts[outcome] += len(names)
        return counts

    def of(self, outcome: Outcome) -> list[tuple[str, list[str]]]:
        """The largest groups first."""
        found = [(about, names) for (one, about), names in self._names.items() if one == outcome]
        return sorted(found, key=lambda group: -len(group[1]))

    def missing(self) -> int:
        """How many photos were refused: not what is none."""
        refused = [(code, name) for code, names in self.of(Outcome.REFUSED) for name in names]
        return sum(
            foreign.is_called_a_photo(name) if code in UNSEEN else code not in NO_PHOTOS
            for code, name in refused
        )


@dataclass
class UploadSummary:
    """The files of one request: each is in exactly one list."""

    accepted: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)

    def take(self, name: str, *, is_new: bool) -> None:
        (self.accepted if is_new else self.known).append(name)

    def refuse(self, name: str, code: str) -> None:
        """With the code's words in the user's language."""
        self.refused.append({"name": name} | code_and_reason(code))

    def reasons(self) -> list[tuple[str, list[str]]]:
        """Why files were refused, and which: as a list of all of them, a card's films would hide
        the rest."""
        found: dict[str, list[str]] = {}
        for file in self.refused:
            found.setdefault(file["reason"], []).append(file["name"])
        return list(found.items())
