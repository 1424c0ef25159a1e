"""Where a photo's pictures are: the one place that knows. Pages ask here, never `reverse`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import PurePosixPath
from typing import Literal, get_args
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.http import content_disposition_header

from events.models import Event
from photos.delivery import negotiation
from photos.models import Photo
from photos.querysets import Shown
from photos.store import stores, windows
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
        """For a picture that is shown at once: from the bucket itself where it is there, and is a
        JPEG, as a bucket sends the same to every browser."""
        in_bucket = None if kind in negotiation.STORED_AS_WEBP else bucket_url(photo, kind)
        return in_bucket or self.url(photo, kind)

    def download_url(self, photo: Photo | Shown) -> str | None:
        """Where guests download the photo, in the allowed size; None where none is allowed."""
        return self.download.of(photo.pk) if self.download else None

    @cached_property
    def download(self) -> Pattern | None:
        is_allowed = self.event.downloads != Event.Downloads.NONE
        return pattern("download", self.event.slug) if is_allowed else None

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
        """The same address, as it is written in HTML."""
        return Pattern(escape(self.head), escape(self.tail))


def pattern(name: str, slug: str, *before: int, query: Mapping[str, str] | None = None) -> Pattern:
    """The addresses of one page or picture of an event's photos, reversed once for all of them.
    `before` is what they name ahead of the photo.

    Reversing 600 addresses takes longer than everything else on a gallery page.
    """
    head, _, tail = reverse(name, args=[slug, *before, MARK]).rpartition(str(MARK))
    return Pattern(head, tail + (f"?{urlencode(query)}" if query else ""))


def signed(photo: Photo, kind: str, *, save_as: str = "") -> str | None:
    """A signed address for browsers, the same for everybody within a time window.

    `save_as`: of an original, another name than the photographer's. None where the picture is sent
    by a view of ours.
    """
    overrides = {}
    if kind == "original":
        overrides["response-content-disposition"] = disposition(photo, kind, save_as=save_as)
        overrides["response-content-type"] = photo.content_type
    return stores.named(photo.store).address(photo.place, kind, overrides)


def bucket_url(photo: Photo | Shown, kind: str) -> str | None:
    """The signed address of a rendition that a page shows, where it is in a bucket.

    Asks no service and no database. Where signing fails there is none: our address says why.
    """
    try:
        return stores.named(photo.place.store).address(photo.place, kind, {})
    except StoreUnavailable:
        return None


def version() -> str:
    """What changes when signed addresses do: a part of the ETag of every page with pictures.

    Without it a browser would be told that a page with expired addresses is still the page. Empty
    where there is no bucket.
    """
    return str(windows.start()) if settings.BUCKET["bucket_name"] else ""


def disposition(photo: Photo, kind: str, *, is_jpeg: bool = False, save_as: str = "") -> str:
    """The photographer's name for it, with the suffix that fits; an original is to be saved."""
    if kind != "original":
        return rendition_disposition(photo.name, kind, is_jpeg=is_jpeg)
    return content_disposition_header(True, save_as or photo.name) or ""


def rendition_disposition(name: str, kind: str, *, is_jpeg: bool = False) -> str:
    """For a picture that is shown, of a photo of that name."""
    suffix = negotiation.suffix(kind, is_jpeg=is_jpeg)
    return content_disposition_header(False, f"{PurePosixPath(name).stem}.{suffix}") or ""
