"""What can go wrong with faces, told apart by whose fault it is."""

from findme.refusals import Refusal


class UnusableSelfie(Refusal):
    """The selfie's fault. Never worth a second attempt with the same picture."""


class ProofNeeded(Refusal):
    """The event looks only for guests who have proven their address, and this one has not."""

    def __init__(self) -> None:
        super().__init__("prove_first")


class IndexUnavailable(Exception):
    """Nobody's fault: the face index does not answer now. Worth another attempt later."""


class ScanPutOff(IndexUnavailable):
    """A part of a photo's faces was asked about: with `answers` the next attempt goes on."""

    def __init__(self, answers: dict[str, dict[str, float]]) -> None:
        super().__init__(f"put off after {len(answers)} answers")
        self.answers = answers


class FaceMissing(IndexUnavailable):
    """The index does not know the face it was asked about, or not yet."""


class IndexRefused(Refusal):
    """The installation's fault: the index refuses us, for `code` (as its access, its quota).

    Worth a few attempts, for somebody may be at the settings just now; then it is final.
    """
