"""Where a picture's bytes are, and how they are sent."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from photos import blobs
from photos.models import Photo

COLUMNS = {"thumbnail": "thumbnail_data", "preview": "preview_data", "original": "photo_data"}


def read(photo_id: int, kind: str) -> bytes | None:
    """The bytes of a photo's `thumbnail`, `preview` or `original`; None where there are none."""
    return blobs.fetch(Photo._meta.db_table, COLUMNS[kind], photo_id)


def response(photo: Photo, kind: str, *, download: bool) -> HttpResponse:
    """The bytes as an answer, typed by what they are, never by what a client claimed."""
    data = read(photo.pk, kind)
    if data is None:
        raise Http404
    is_original = kind == "original"
    answer = HttpResponse(data, content_type=photo.content_type if is_original else "image/jpeg")
    name = photo.name if is_original else f"{PurePosixPath(photo.name).stem}.jpg"
    if header := content_disposition_header(is_original or download, name):
        answer["Content-Disposition"] = header
    return answer
