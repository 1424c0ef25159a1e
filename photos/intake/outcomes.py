"""What became of files that were sent: each is accepted, known already, or refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from findme.refusals import code_and_reason
from photos.models import DirectUpload

# Whatever way files come by, these are what may become of them.
Outcome = DirectUpload.Outcome


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
