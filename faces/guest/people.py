"""The people in photos, by faces that were found, not whose: how many are in each of a gallery
page, and where they are on covers, which are cut around them and veiled (`photos.gallery.people`).
And which photos are a guest's own to see (`photos.audience`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from faces.index.models import EventIndex
from faces.models import Face, FaceMatch
from photos import audience
from photos.gallery import people
from photos.imaging.crops import Box
from photos.models import Photo
from photos.querysets import Shown

# In the index that the photos' event uses. Written here: of a page of 100 Django takes 3.6 ms for
# it, PostgreSQL 0.2, and as it stands here it costs 0.9.
COUNTS = """
    SELECT scan.photo_id, scan.face_count
      FROM faces_photoscan AS scan
      JOIN faces_eventindex AS used ON used.name = scan.index_name AND used.state = 'active'
     WHERE scan.photo_id = ANY(%s) AND scan.state = 'done'
"""


def counts(photos: Iterable[Photo | Shown]) -> dict[int, int]:
    """By the photo's id, for those that were looked at. One query."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [[photo.pk for photo in photos]])
        return dict(cursor.fetchall())


@people.register
def boxes(photo_ids: Collection[int]) -> Mapping[int, list[Box]]:
    """Those that the indexes in force found. One query."""
    active = EventIndex.objects.active().filter(
        event=OuterRef("event"), name=OuterRef("index_name")
    )
    found = Face.objects.filter(Exists(active), photo__in=photo_ids)
    by_photo: dict[int, list[Box]] = defaultdict(list)
    for photo_id, *box in found.values_list("photo", "left", "top", "width", "height"):
        by_photo[photo_id].append(Box(*box))
    return by_photo


@audience.register
def theirs(user_id: int) -> Q:
    """Of photos: the guest, or a child of theirs, is in them. In words of SQL, `faces_is_in`."""
    persons = Q(user_id=user_id) | Q(user__guardian_id=user_id)
    matches = FaceMatch.objects.counting().filter(persons, photo=OuterRef("pk"))
    return Q(Exists(matches))
