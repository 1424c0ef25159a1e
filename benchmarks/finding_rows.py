"""A made-up party (`finding_synthetic`) as rows of an event: templates where photos would be."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from finding_synthetic import DIMENSION, Party, raw

if TYPE_CHECKING:
    from events.models import Event, User
    from photos.models import Photo

DAY = datetime(2026, 6, 20, 12, tzinfo=UTC)


def fill(event: Event, party: Party, *, centred: bool = True) -> tuple[list[User], list[Photo]]:
    """Photos whose scans are done, with their faces; guests who consent and have no selfie yet.

    Returns guests and photos in the party's order. `centred`: as the product's templates are.
    """
    guests, photos = _guests(event, party.guests), _photos(event, int(party.photo.max()) + 1)
    _scans(event, party, photos)
    _faces(event, party, photos, centred=centred)
    return guests, photos


def enroll(
    event: Event, party: Party, guests: list[User], chosen: list[int], *, centred: bool = True
) -> None:
    """Give each guest these of the party's selfies (0 to 5), and take away what came of those of
    before: `faces.finding.renewing.renew` makes everything anew."""
    from faces.index.indexes import index_of
    from faces.models import Candidate, Enrollment, FaceMatch, GuestModel, Selfie

    for model in (Candidate, FaceMatch, GuestModel, Selfie):
        model.objects.filter(user__in=guests).delete()
    selfies = Selfie.objects.bulk_create(
        Selfie(user=guest, ordinal=ordinal + 1, sha256=f"{guest.pk}-{number}", image_data=b"-")
        for guest in guests
        for ordinal, number in enumerate(chosen)
    )
    templates = party.selfies[:, chosen].reshape(-1, DIMENSION)
    if not centred:
        templates = raw(templates, party.mean)
    name = index_of(event).name
    Enrollment.objects.bulk_create(
        Enrollment(selfie=selfie, event=event, index_name=name, template=template, searched_at=DAY)
        for selfie, template in zip(selfies, templates, strict=True)
    )


def _guests(event: Event, count: int) -> list[User]:
    from events.models import Membership, User
    from faces.models import Consent

    guests = User.objects.bulk_create(
        User(email=f"guest{n}.{event.pk}@example.com", name=f"Guest {n}") for n in range(count)
    )
    Membership.objects.bulk_create(Membership(user=guest, event=event) for guest in guests)
    Consent.objects.bulk_create(
        Consent(user=guest, event=event, text_version="-", language="en") for guest in guests
    )
    return guests


def _photos(event: Event, count: int) -> list[Photo]:
    from photos.models import PHOTO_KINDS, Photo

    pictures = {stored.column: b"-" for stored in PHOTO_KINDS.values() if stored.column}
    return Photo.objects.bulk_create(
        Photo(
            event=event,
            sha256=hashlib.sha256(f"{n}".encode()).hexdigest(),
            name=f"{n:05}.jpg",
            content_type="image/jpeg",
            byte_size=1,
            width=640,
            height=480,
            taken_at=DAY + timedelta(seconds=n),
            status=Photo.Status.READY,
            **pictures,
        )
        for n in range(count)
    )


def _scans(event: Event, party: Party, photos: list[Photo]) -> None:
    from faces.index.indexes import index_of
    from faces.models import PhotoScan

    done = {"event": event, "index_name": index_of(event).name, "state": "done", "finished_at": DAY}
    counts = np.bincount(party.photo, minlength=len(photos)).tolist()
    PhotoScan.objects.bulk_create(
        [
            PhotoScan(photo=photo, face_count=count, **done)
            for photo, count in zip(photos, counts, strict=True)
        ],
        batch_size=1000,
    )


def _faces(event: Event, party: Party, photos: list[Photo], *, centred: bool) -> None:
    from faces.index.indexes import index_of
    from faces.models import Face

    templates = party.templates if centred else raw(party.templates, party.mean)
    somewhere = {"left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2, "detection_score": 0.9}
    somewhere |= {"event": event, "index_name": index_of(event).name}
    Face.objects.bulk_create(
        [
            Face(
                photo=photos[photo],
                ordinal=row,
                quality=0.1 if is_profile else 0.9,
                template=template,
                **somewhere,
            )
            for row, (photo, is_profile, template) in enumerate(
                zip(party.photo.tolist(), party.is_profile.tolist(), templates, strict=True)
            )
        ],
        batch_size=1000,
    )
