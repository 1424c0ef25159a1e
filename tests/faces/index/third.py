"""A third kind of face index, beside those that the product has."""

from events.models import Event
from faces.index.local import LocalIndex


class ThirdIndex(LocalIndex):
    """An index of another kind, as one that is added to those there are. A fake of a contract that
    `LocalIndex` fulfils: only its model is another."""

    @staticmethod
    def row_fields(event: Event) -> dict[str, str]:
        return {"name": "third", "model_version": "third-1"}

    def is_outdated(self) -> bool:
        return self.row.model_version != "third-1"
