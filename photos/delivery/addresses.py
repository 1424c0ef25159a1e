"""Where a photo's pictures are: the one place that knows. Pages ask here, never `reverse`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Literal, get_args

from django.urls import reverse

from events.models import Event
from photos.delivery import serving
from photos.models import Photo
from photos.querysets import Shown
from photos.store.faults import StoreUnavailable

Kind = Literal["thumbnail", "medium", "preview", "original"]

# Stands for a photo's id while an address is made.
MARK = 10**15


class Pictures:
    """Addresses of the pictures of an event's photos."""

    def __init__(self, event: Event) -> None:
        self.event = event

    def url(self, photo: Photo | Shown, kind: Kind) -> str:
        """Ours, which never expires; it leads to the bucket where the picture is there."""
        return self.patterns[kind].of(photo.pk)

    def shown_url(self, photo: Photo | Shown, kind: Kind) -> str:
        """For a picture that is shown at once: from the bucket itself where it is there.

        Asks no service and no database. Where signing fails, the address is ours, and says why.
        """
        try:
            signed = serving.shown_address(photo.place, kind)
        except StoreUnavailable:
            signed = None
        return signed or self.url(photo, kind)

    def download_url(self, photo: Photo | Shown) -> str | None:
        """What a guest may take home, in the size that the organizer allows."""
        return self.download.of(photo.pk) if self.download else None

    @cached_property
    def download(self) -> Pattern | None:
        match self.event.downloads:
            case Event.Downloads.ORIGINAL:
                return self.patterns["original"]
            case Event.Downloads.WEB:
                web = self.patterns["preview"]
                return Pattern(web.head, f"{web.tail}?download")
            case _:
                return None

    @cached_property
    def patterns(self) -> dict[str, Pattern]:
        return {kind: pattern(kind, self.event.slug) for kind in get_args(Kind)}


@dataclass(frozen=True)
class Pattern:
    """An address with a gap for a photo's id."""

    head: str
    tail: str

    def of(self, photo_id: int) -> str:
        return f"{self.head}{photo_id}{self.tail}"

    def escaped(self) -> Pattern:
        """For HTML."""
        return Pattern(escape(self.head), escape(self.tail))


def pattern(name: str, slug: str) -> Pattern:
    """The addresses of one page or picture of an event's photos, reversed once for all of them.

    Reversing 600 addresses takes longer than everything else on a gallery page.
    """
    head, _, tail = reverse(name, args=[slug, MARK]).rpartition(str(MARK))
    return Pattern(head, tail)
