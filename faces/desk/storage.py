"""How much room an event's photos take, and what that costs a month."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F, Func, IntegerField, Q, Sum

from events.models import Event
from photos.models import PHOTO_KINDS, Photo
from photos.store.contract import S3

# Amazon S3 Standard, the first 50 TB, in most regions.
BUCKET_DOLLARS = 0.023
GIGABYTE = 2**30
# In a bucket the lengths of medium and thumbnail are kept nowhere. Of photos that are larger than
# their preview, the two together had a fifth of its bytes.
SMALLER_THAN_PREVIEW = 0.2


@dataclass(frozen=True)
class Storage:
    """Bytes of photos: of originals and of what is made of them, in the database and a bucket."""

    photos: int
    originals: int
    smaller: int
    in_bucket: int

    @property
    def bytes(self) -> int:
        return self.originals + self.smaller

    @property
    def dollars(self) -> float | None:
        """A month; None where everything is in the database and nobody said what that costs."""
        price = settings.STORAGE_DOLLARS_PER_GB
        if price is not None:
            return float(self.bytes / GIGABYTE * price)
        return self.in_bucket / GIGABYTE * BUCKET_DOLLARS if self.in_bucket else None


def of_event(event: Event) -> Storage:
    """One aggregate by the index of the event's photos. PostgreSQL knows the length of a column
    that it keeps apart without reading it."""
    in_bucket = Q(store=S3)
    columns = [stored.column for stored in PHOTO_KINDS.values() if stored.column]
    found = Photo.objects.in_event(event).aggregate(
        photos=Count("pk"),
        originals=Sum("byte_size", default=0),
        **{column: Sum(_length(column), default=0) for column in columns},
        bucket_originals=Sum("byte_size", filter=in_bucket, default=0),
        bucket_previews=Sum("preview_size", filter=in_bucket, default=0),
    )
    made = round(found["bucket_previews"] * (1 + SMALLER_THAN_PREVIEW))
    return Storage(
        photos=found["photos"],
        originals=int(found["originals"]),
        smaller=sum(int(found[column]) for column in columns) + made,
        in_bucket=int(found["bucket_originals"]) + made,
    )


def _length(column: str) -> Func:
    return Func(F(column), function="OCTET_LENGTH", output_field=IntegerField())
