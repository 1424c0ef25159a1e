"""How a picture's bytes are sent: by ourselves, or by a redirect to where they are."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.utils.http import content_disposition_header, quote_etag

from findme.http import unless_known
from photos.delivery import addresses, negotiation, ranges
from photos.delivery.outgoing import OpenFile, on_disk
from photos.models import Photo
from photos.store import reading, windows
from photos.store.faults import PictureMissing, StoreUnavailable, as_store_unavailable

logger = logging.getLogger(__name__)

# Private: shared caches must not hold it. Long: a photo's bytes never change.
KEPT_BY_BROWSERS = "private, max-age=2592000"
RETRY_SECONDS = 60


def response(
    photo: Photo, kind: str, request: HttpRequest, *, save_as: str = ""
) -> HttpResponseBase:
    """The picture as an answer, typed by what it is, never by what a client claimed.

    Where it is in a bucket, the answer is its signed address, unless the browser needs another
    format. What is sent by ourselves has an ETag; an original can be asked for by ranges, and saved
    under another name than the photographer's (`save_as`).
    """
    is_jpeg = negotiation.wants_jpeg(request, kind)
    try:
        if not is_jpeg and (target := addresses.signed(photo, kind, save_as=save_as)):
            return negotiation.varied(_redirect(target), kind)
        etag = etag_of(photo.sha256, kind, is_jpeg=is_jpeg)
        answer = unless_known(request, etag, lambda: _body(photo, kind, etag, request))
    except PictureMissing as error:
        logger.error("picture_missing %s", error)
        raise Http404 from error
    except StoreUnavailable as error:
        return unavailable(error)
    disposition = addresses.disposition(photo, kind, is_jpeg=is_jpeg, save_as=save_as)
    return kept(answer, etag, kind, disposition)


def etag_of(sha256: str, kind: str, *, is_jpeg: bool = False) -> str:
    """`is_jpeg`: of a picture that is stored as another, sent as JPEG."""
    return quote_etag(f"{sha256[:32]}-{kind}{'-jpeg' if is_jpeg else ''}")


def kept(answer: HttpResponseBase, etag: str, kind: str, disposition: str) -> HttpResponseBase:
    """A picture as browsers keep it."""
    answer["ETag"] = etag
    if disposition:
        answer["Content-Disposition"] = disposition
    answer["Cache-Control"] = KEPT_BY_BROWSERS
    return negotiation.varied(answer, kind)


def _redirect(target: str) -> HttpResponse:
    answer = HttpResponseRedirect(target)
    answer["Cache-Control"] = f"private, max-age={windows.seconds_left()}"
    return answer


def _body(photo: Photo, kind: str, etag: str, request: HttpRequest) -> HttpResponseBase:
    if kind == "original":
        return _original(photo, etag, request)
    # The query of the row may have brought the bytes along.
    loaded = photo.__dict__.get(photo.kinds[kind].column)
    data = loaded if isinstance(loaded, memoryview) else reading.read_of(photo, kind)
    if data is None:
        raise Http404
    if negotiation.wants_jpeg(request, kind):
        data = negotiation.as_jpeg(data)
    return HttpResponse(data, content_type=negotiation.content_type(data))


def _original(photo: Photo, etag: str, request: HttpRequest) -> HttpResponseBase:
    """The whole file or the part asked for, from disk: it may be large."""
    size = photo.byte_size
    try:
        part = ranges.asked_for(request, size, etag)
    except ranges.Unsatisfiable:
        return ranges.unsatisfiable(size)
    if request.method == "HEAD":
        return ranges.head(size, photo.content_type)
    sent = range(size) if part is None else part
    with as_store_unavailable(), ExitStack() as files:
        content = reading.stream(photo, "original", sent.start, sent.stop)
        source = on_disk(content, len(sent), files)
        found = OpenFile([range(len(sent))], source, files.pop_all())
    return ranges.answer(found, part, size, photo.content_type)


def unavailable(error: StoreUnavailable) -> HttpResponse:
    """503 with the reason in the user's language; browsers are told when to try again."""
    logger.warning("store_unavailable code=%s detail=%s", error.code, error.detail)
    answer = HttpResponse(error.words, status=503, content_type="text/plain; charset=utf-8")
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def as_file(answer: HttpResponseBase, name: str, caching: str) -> HttpResponseBase:
    """To be saved under that name."""
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Cache-Control"] = caching
    return answer
