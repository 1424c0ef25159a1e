"""A picture's bytes, wherever they are, and how they are sent."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag

from photos import store
from photos.delivery import ranges
from photos.models import Photo
from photos.store import COLUMNS, Place, faults, windows
from photos.store.faults import PictureMissing, StoreUnavailable
from photos.store.rows import StoredPictures

logger = logging.getLogger(__name__)

# Private: shared caches must not hold it. Long: a photo's bytes never change.
KEPT_BY_BROWSERS = "private, max-age=2592000"
RETRY_SECONDS = 60


def read(photo_id: int, kind: str) -> bytes | None:
    """The bytes of one of a photo's `kinds`; None where there are none."""
    photo = Photo.objects.only("store", "folder").filter(pk=photo_id).first()
    return None if photo is None else read_of(photo, kind)


def read_of(row: StoredPictures, kind: str) -> bytes | None:
    """A picture of a row, also while it is being moved from one store to the other."""
    place: Place | None = row.place
    while place is not None:
        data = store.named(place.store).read(place, kind)
        if data is not None:
            return data
        place = _place_if_moved(row, place)
    return None


def stream(row: StoredPictures, kind: str, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` to before `stop`, a piece at a time; a move in between is no matter.

    Raises `PictureMissing` where they end too early.
    """
    place: Place | None = row.place
    while start < stop:
        if place is None:
            raise PictureMissing(f"{kind} of {row._meta.label_lower} {row.pk}")
        for piece in store.named(place.store).chunks(place, kind, start, stop):
            start += len(piece)
            yield piece
        place = _place_if_moved(row, place)


def address(photo: Photo, kind: str, *, download: bool = False) -> str | None:
    """A signed address for browsers, the same for everybody within a time window.

    None where the picture is sent by a view of ours.
    """
    overrides = {}
    if download or kind == "original":
        overrides["response-content-disposition"] = _disposition(photo, kind, download=True)
    if kind == "original":
        overrides["response-content-type"] = photo.content_type
    return store.named(photo.store).address(photo.place, kind, overrides)


def shown_address(place: Place, kind: str) -> str | None:
    """The signed address of a rendition that a page shows."""
    return store.named(place.store).address(place, kind, {})


def addresses_version() -> str:
    """What changes when signed addresses do: a part of the ETag of every page with pictures.

    Without it a browser would be told that a page with expired addresses is still the page. Empty
    where there is no bucket.
    """
    return str(windows.start()) if settings.BUCKET["bucket_name"] else ""


def response(
    photo: Photo, kind: str, *, download: bool, request: HttpRequest | None = None
) -> HttpResponseBase:
    """The picture as an answer, typed by what it is, never by what a client claimed.

    Where it is in a bucket, the answer is its signed address. What is sent by ourselves has an
    ETag; an original can be asked for by ranges.
    """
    try:
        if target := address(photo, kind, download=download):
            return _redirect(target)
        etag = quote_etag(f"{photo.sha256[:32]}-{kind}")
        known = get_conditional_response(request, etag=etag) if request else None
        answer = known or _body(photo, kind, etag, request)
    except PictureMissing as error:
        logger.error("picture_missing %s", error)
        raise Http404 from error
    except StoreUnavailable as error:
        return unavailable(error)
    if disposition := _disposition(photo, kind, download=download):
        answer["Content-Disposition"] = disposition
    answer["ETag"] = etag
    answer["Cache-Control"] = KEPT_BY_BROWSERS
    return answer


def _place_if_moved(row: StoredPictures, before: Place) -> Place | None:
    """Where the row's pictures are now, if that is another place than before."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    now = rows.only("store", "folder").first()
    return None if now is None or now.place == before else now.place


def _redirect(target: str) -> HttpResponse:
    answer = HttpResponseRedirect(target)
    answer["Cache-Control"] = f"private, max-age={windows.seconds_left()}"
    return answer


def _body(photo: Photo, kind: str, etag: str, request: HttpRequest | None) -> HttpResponseBase:
    if kind == "original":
        return _original(photo, etag, request)
    loaded = photo.__dict__.get(COLUMNS[kind])  # where the query of the row brought them along
    data = loaded if isinstance(loaded, memoryview) else read_of(photo, kind)
    if data is None:
        raise Http404
    return HttpResponse(data, content_type="image/jpeg")


def _original(photo: Photo, etag: str, request: HttpRequest | None) -> HttpResponseBase:
    """The whole file or the part asked for, piece by piece: it may be large."""
    size = photo.byte_size
    try:
        part = ranges.asked_for(request, size, etag) if request else None
    except ranges.Unsatisfiable:
        return ranges.unsatisfiable(size)
    sent = range(size) if part is None else part
    pieces = _begun(stream(photo, "original", sent.start, sent.stop))
    if request and request.method == "HEAD":
        pieces = iter(())  # a server would read all of them, and send none
    return ranges.answer(pieces, part, size, photo.content_type)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, the first piece in hand: what is missing is known before the answer begins."""
    first = next(pieces, None)
    return iter(()) if first is None else itertools.chain([first], pieces)


def unavailable(error: StoreUnavailable) -> HttpResponse:
    """To be tried again: 503 with the reason in the user's language."""
    logger.warning("store_unavailable code=%s detail=%s", error.code, error.detail)
    answer = HttpResponse(
        str(faults.MESSAGES[error.code]), status=503, content_type="text/plain; charset=utf-8"
    )
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def _disposition(photo: Photo, kind: str, *, download: bool) -> str:
    """The name under which guests save it: the photographer's, with the suffix that fits."""
    is_original = kind == "original"
    name = photo.name if is_original else f"{PurePosixPath(photo.name).stem}.jpg"
    return content_disposition_header(is_original or download, name) or ""
