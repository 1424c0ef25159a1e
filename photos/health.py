"""What must hold of photos and of the bytes that belong to rows, whoever's they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from findme.diagnosis import Broken, Finding, Rule, broken, register_of_rows, register_rules
from photos import binning
from photos.delivery import downloads
from photos.gallery import versions
from photos.imaging import images, renditions
from photos.imaging.images import UnusableImage
from photos.intake import direct_upload, publishing
from photos.models import Cover, DirectUpload, HideRequest, Photo
from photos.store import emptying, reading, trial, verifying
from photos.store.contract import DATABASE, S3
from photos.store.faults import StoreUnavailable
from photos.store.models import StoredObjectRemoval, StoredPictures, holders

RENDITIONS = ("preview", "medium", "thumbnail")
# How many rows are measured: in the database by one query, in a bucket by a request a picture.
SAMPLE = {DATABASE: 200, S3: 8}
LISTED = 200
# Prepared anew at once: each takes a good part of a second.
MOST_PREPARED = 200
# Removals are due within minutes, and where a bucket refuses, tried ten times in six hours.
REMOVAL_LATE = timedelta(hours=2)
REMOVAL_ATTEMPTS = 10
# The bin is emptied each minute, a hundred photos at a time.
BIN_LATE = timedelta(days=1)
UPLOAD_LATE = direct_upload.KEPT_FOR + timedelta(hours=2)
# Folded each minute, into one for a guest and an event.
MOST_CHANGES = 5_000


def _accepted(model: type[StoredPictures]) -> list[str]:
    """The kinds that nobody can make anew."""
    return [kind for kind in model.kinds if kind not in RENDITIONS]


def _lost() -> Broken:
    return broken(*(verifying.lacking(model, *_accepted(model)) for model in holders()))


def _unprepared() -> QuerySet[Photo]:
    lacking: QuerySet[Photo] = verifying.lacking(Photo, *RENDITIONS).filter(status="ready")
    return lacking


def _prepare() -> int:
    """By the same door as the first time, which renews all three at once."""
    ids = _unprepared().order_by("pk").values_list("pk", flat=True)[:MOST_PREPARED]
    return sum(_prepared(photo_id) for photo_id in list(ids))


def _prepared(photo_id: int) -> bool:
    photo = Photo.objects.filter(pk=photo_id).only("uploaded_at").first()
    data = reading.read(Photo, photo_id, "original")
    if photo is None or data is None:
        return False
    try:
        made = renditions.make(images.decode(data, min_side=renditions.PREVIEW_SIDE))
    except UnusableImage:
        return False
    size = downloads.stripped_size(data, arrived=photo.uploaded_at)
    return publishing.publish(photo_id, made, stripped_size=size)


@register_of_rows
def sampled_bytes() -> Iterator[Finding]:
    """Some rows' pictures are measured; `verify_media` reads them all."""
    found, looked_at = [], 0
    try:
        for model in holders():
            for store, size in SAMPLE.items():
                rows = verifying.sample(model, store, size)
                looked_at += len(rows)
                found += [name for kind in model.kinds for name in _mismeasured(rows, kind)]
        orphans = _orphans()
    except (StoreUnavailable, ImproperlyConfigured) as error:
        yield _unreachable(error)
        return
    what = f"bytes_differ: pictures that are not as long as their row says: {len(found)}"
    where = f" of {looked_at} rows ({', '.join(found[:3])}). Run verify_media, and restore them."
    if found:
        yield Finding(what + where, True, "bytes_differ", len(found), tuple(found[:3]))
    if orphans:
        text = f"objects_unowned: folders in the bucket that belong to nothing: {orphans} or more."
        advice = " Run verify_media --remove-orphans."
        yield Finding(text + advice, True, "objects_unowned", orphans)
    if not found and not orphans:
        text = f"bytes: those of {looked_at} rows are as long as they should be"
        yield Finding(text, code="bytes_differ")


def _mismeasured(rows: list[StoredPictures], kind: str) -> list[str]:
    """Looked at twice: meanwhile a row may have been moved, or removed."""
    wrong = _wrong_rows(rows, kind)
    if wrong:
        model, ids = type(wrong[0]), [row.pk for row in wrong]
        wrong = _wrong_rows([*model.with_pictures().filter(pk__in=ids)], kind)
    return [f"{kind} of {row._meta.model_name} {row.pk}" for row in wrong]


def _wrong_rows(rows: list[StoredPictures], kind: str) -> list[StoredPictures]:
    due = [row for row in rows if kind in row.expected_kinds()]
    found = verifying.lengths(due, kind)
    return [
        row
        for row in due
        if not found.get(row.pk) or _expected(row, kind) not in (None, found[row.pk])
    ]


def _expected(row: StoredPictures, kind: str) -> int | None:
    """None: not known, but some."""
    if not isinstance(row, Photo):
        return None
    return {"original": row.byte_size, "preview": row.preview_size}.get(kind)


def _orphans() -> int:
    """Of what lies behind a row's folder in the bucket."""
    if not settings.BUCKET["bucket_name"]:
        return 0
    near = [row for model in holders() for row in verifying.sample(model, S3, 1)]
    return sum(len(verifying.orphans_behind(row.folder, LISTED)) for row in near)


def _unreachable(error: Exception) -> Finding:
    if isinstance(error, StoreUnavailable):
        text = f"bucket_away: the bucket cannot be used: {trial.ADVICE[error.code]}"
    else:
        text = "bucket_away: pictures of rows are in a bucket, but MEDIA_S3_BUCKET is empty"
    return Finding(text, wrong=True, code="bucket_away")


# What no photo's id is, and has pieces all the same: none but the gaps is looked up among them.
UNOWNED = """
    SELECT gap FROM generate_series(
        (SELECT min(photo_id) FROM photos_originalpiece),
        (SELECT max(photo_id) FROM photos_originalpiece)) AS gap
     WHERE NOT EXISTS (SELECT FROM photos_photo WHERE id = gap AND store = 'database')
       AND EXISTS (SELECT FROM photos_originalpiece WHERE photo_id = gap)
"""


def _pieces() -> Broken:
    with connection.cursor() as cursor:
        cursor.execute(UNOWNED)
        found = [row[0] for row in cursor.fetchall()]
    return Broken(len(found), tuple(f"photo {pk}" for pk in found[:3]))


def _remove_pieces() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM photos_originalpiece WHERE photo_id IN ({UNOWNED})")  # noqa: S608
    return int(cursor.rowcount)


def _removals_late() -> QuerySet[StoredObjectRemoval]:
    late = timezone.now() - REMOVAL_LATE
    often = Q(attempts__gte=REMOVAL_ATTEMPTS)
    return StoredObjectRemoval.objects.filter(Q(available_at__lt=late) | often)


def _remove_now() -> int:
    """What was tried often waits for its turn: another attempt now would end the same."""
    late = timezone.now() - REMOVAL_LATE
    if not _removals_late().filter(available_at__lt=late).exists():
        return 0
    return emptying.drain() if settings.BUCKET["bucket_name"] else 0


def _uploads_kept() -> QuerySet[DirectUpload]:
    return DirectUpload.objects.filter(created_at__lt=timezone.now() - UPLOAD_LATE)


def _forget_uploads() -> int:
    count = _uploads_kept().count()
    direct_upload.sweep()
    return count


def _foreign_covers() -> QuerySet[Cover]:
    return Cover.objects.exclude(photo__event=F("event"))


def _foreign_requests() -> QuerySet[HideRequest]:
    return HideRequest.objects.exclude(photo__event=F("event"))


def _give_to_photos_event() -> int:
    event = Photo.objects.filter(pk=OuterRef("photo")).values("event")
    return _foreign_requests().update(event=Subquery(event))


def _unapproved() -> QuerySet[Photo]:
    return Photo.objects.exclude(moderation=Photo.Moderation.NONE).filter(hidden=False)


def _asked_hidden() -> QuerySet[Photo]:
    waiting = HideRequest.objects.waiting().hid_at_once()
    return Photo.objects.filter(hidden=False, pk__in=waiting.values("photo"))


def _bin_overdue() -> QuerySet[Photo]:
    return binning.overdue(timezone.now() - BIN_LATE)


def _empty_bin() -> int:
    removed = 0
    while batch := binning.sweep():
        removed += batch
    return removed


def _crowded() -> Broken:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id FROM photos_gallerychange GROUP BY event_id, user_id"
            " HAVING COUNT(*) > %s ORDER BY event_id",
            [MOST_CHANGES],
        )
        found = [row[0] for row in cursor.fetchall()]
    return Broken(len(found), tuple(f"event {pk}" for pk in dict.fromkeys(found))[:3])


def _fold() -> int:
    count = _crowded().count
    versions.fold()
    return count


register_rules(
    Rule(
        "bytes_missing",
        "rows whose pictures are not in the database, where they should be",
        "Nobody can make them anew: restore them from a backup; guests can give their own anew.",
        _lost,
    ),
    Rule(
        "rendition_missing",
        "photos that are shown and lack a smaller picture",
        "--repair makes the smaller pictures from the originals, two hundred photos at a time.",
        lambda: broken(_unprepared()),
        _prepare,
        "photos prepared anew",
    ),
    Rule(
        "pieces_unowned",
        "originals in the database of photos that are not there, or in the bucket",
        "Were triggers switched off? --repair removes them: no page can show them.",
        _pieces,
        _remove_pieces,
        "pieces removed",
    ),
    Rule(
        "removal_overdue",
        "folders of the bucket that were to be emptied long ago",
        "Erased photos and faces are still there. Is a worker running? Do the credentials allow to"
        " delete (s3:DeleteObject, s3:AbortMultipartUpload)? --repair empties what is due.",
        lambda: broken(_removals_late()),
        _remove_now,
        "folders emptied",
    ),
    Rule(
        "upload_kept",
        "uploads to the bucket that were never finished, for more than two days",
        "Is a worker running? --repair forgets them; what they left is removed as noted.",
        lambda: broken(_uploads_kept()),
        _forget_uploads,
        "uploads forgotten",
    ),
    Rule(
        "event_differs",
        "covers and requests of another event than their photo's",
        "--repair removes such covers, so that the newest photo stands for the event, and gives"
        " requests to their photo's event.",
        lambda: broken(_foreign_covers(), _foreign_requests()),
        lambda: _foreign_covers().delete()[0] + _give_to_photos_event(),
        "rows mended",
    ),
    Rule(
        "unapproved_shown",
        "guests' photos that wait for approval, or were rejected, and are shown",
        "--repair hides them; the organizer can approve them.",
        lambda: broken(_unapproved()),
        lambda: _unapproved().update(hidden=True),
        "photos hidden",
    ),
    Rule(
        "request_shown",
        "photos that are shown although somebody asked to hide them and waits for the answer",
        "--repair hides them until the organizer has decided.",
        lambda: broken(_asked_hidden()),
        lambda: _asked_hidden().update(hidden=True),
        "photos hidden",
    ),
    Rule(
        "bin_overdue",
        "photos that are in the bin for longer than its days",
        "Is a worker running? --repair deletes them for good.",
        lambda: broken(_bin_overdue()),
        _empty_bin,
        "photos deleted",
    ),
    Rule(
        "changes_unfolded",
        "galleries whose version is kept in thousands of rows",
        "Each page reads them all. Is a worker running? --repair makes one of them.",
        _crowded,
        _fold,
        "versions folded",
        is_warning=True,
    ),
)
