"""Where faces are on covers, which are cut around them and veiled: see `photos.gallery.people`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Exists, OuterRef

from faces.index.models import EventIndex
from faces.models import Face
from photos.gallery import people
from photos.imaging.crops import Box


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
