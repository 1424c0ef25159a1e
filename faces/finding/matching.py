"""From similar faces to matches: who is in which photo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pglock
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from events.models import Event
from faces.index.contract import Hit
from faces.index.indexes import index_of, indexes_of
from faces.models import Face, FaceMatch
from faces.querysets import FaceMatchQuerySet


@contextmanager
def matching(event_id: int, *, with_others: bool) -> Iterator[None]:
    """A transaction that writes one side of the event's matches.

    Photos publish their faces beside one another (`with_others`); whoever changes the guests'
    side is alone. Without this, a guest and a photo that commit at the same moment would each
    miss the other, and the match would be lost.
    """
    with transaction.atomic():
        lock = f"findme.matching.{event_id}"
        pglock.advisory(lock, shared=with_others, xact=True).acquire()  # until the commit
        yield


def match_photo(event: Event, photo_id: int) -> list[Hit]:
    """Match a photo's stored faces with everybody enrolled. Within `matching`."""
    hits = index_of(event).search(at_least=event.match_threshold, photo_id=photo_id)
    _replace(event, FaceMatch.objects.in_event(event).filter(photo_id=photo_id), hits)
    return hits


def match_guest(event: Event, user_id: int) -> list[Hit]:
    """Match all selfies of a guest with the event's stored faces. Within `matching`."""
    hits = index_of(event).search(at_least=event.match_threshold, user_id=user_id)
    _replace(event, FaceMatch.objects.in_event(event).filter(user_id=user_id), hits)
    return hits


def match_everybody(event: Event) -> int:
    """Match all guests with all photos again, as after a change of threshold."""
    with matching(event.pk, with_others=False):
        return match_all(event)


def match_all(event: Event) -> int:
    """Match all guests with all photos again. Within `matching`, alone."""
    hits = index_of(event).search(at_least=event.match_threshold)
    _replace(event, FaceMatch.objects.in_event(event), hits)
    return len(hits)


def forget_strangers(event: Event, faces: QuerySet[Face]) -> None:
    """Where only guests are looked for, no template of anyone else is ever committed.

    To be called in the transaction that stored faces or removed matches.
    """
    if event.indexing == Event.Indexing.GUESTS_ONLY:
        # A face of which a guest said "not me" is a stranger's too.
        own = FaceMatch.objects.filter(face=OuterRef("pk")).not_denied()
        strangers = faces.filter(~Exists(own), template__isnull=False)
        strangers.exclude(pk__in=_awaited(event, faces)).update(template=None)


def _awaited(event: Event, faces: QuerySet[Face]) -> set[int]:
    """Faces of guests in the index that is being built: their matches come when it takes over."""
    building = indexes_of(event)[1:]
    if not building:
        return set()
    photos = set(faces.order_by().values_list("photo", flat=True).distinct()[:2])
    photo_id = photos.pop() if len(photos) == 1 else None
    denied = FaceMatch.objects.in_event(event).denied()
    not_me = set(denied.values_list("user_id", "photo_id"))
    return {
        hit.face_id
        for index in building
        for hit in index.search(at_least=event.match_threshold, photo_id=photo_id)
        if (hit.user_id, hit.photo_id) not in not_me
    }


def _replace(event: Event, old: FaceMatchQuerySet, hits: list[Hit]) -> None:
    """Make the stored matches those of `hits`. What a guest said of a photo stays as it is, and
    so does the face it was said of."""
    wanted = {(hit.user_id, hit.photo_id) for hit in hits}
    unsaid = old.unsaid().values_list("pk", "user_id", "photo_id")
    gone = [pk for pk, user_id, photo_id in unsaid if (user_id, photo_id) not in wanted]
    if gone:
        FaceMatch.objects.filter(pk__in=gone).delete()
    said = set(old.said().values_list("user_id", "photo_id"))
    FaceMatch.objects.bulk_create(
        [_match(event, hit) for hit in hits if (hit.user_id, hit.photo_id) not in said],
        update_conflicts=True,
        unique_fields=["user", "photo"],
        update_fields=["face", "taken_at", "similarity", "band"],
        batch_size=1000,
    )


def _match(event: Event, hit: Hit) -> FaceMatch:
    return FaceMatch(
        user_id=hit.user_id,
        photo_id=hit.photo_id,
        face_id=hit.face_id,
        event=event,
        taken_at=hit.taken_at,
        similarity=hit.similarity,
        band=FaceMatch.Band.SURE,
    )
