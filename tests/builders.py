"""What tests are made of: small, valid, and different each time."""

from __future__ import annotations

import io
import itertools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core import mail
from django.test import Client
from django.urls import reverse
from PIL import Image

from events.models import LONGEST_KEPT_DAYS, Event, Membership, User
from faces.models import Candidate, Consent, Enrollment, Face, FaceMatch, PhotoScan, Selfie
from photos.models import Photo
from photos.store import pieces
from photos.store.contract import DATABASE
from tests.fakes import picture, template

_numbers = itertools.count(1)
NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)


def make_user(name: str = "Someone", **overrides: Any) -> User:
    """An account whose address was proven, unless said otherwise."""
    number = next(_numbers)
    fields = {"email": f"{name.lower()}{number}@example.com", "name": name} | overrides
    fields = {"address_proven_at": NOON} | fields
    return User.objects.create_user(**fields)


def make_event(**overrides: Any) -> Event:
    number = next(_numbers)
    fields = {
        "name": f"Event {number}",
        "slug": f"event-{number}",
        "starts_on": date(2026, 6, 20),
        "ends_on": date(2026, 6, 21),
        "controller_name": "The hosts",
        "controller_contact": "hosts@example.com",
        # Longer ago than that is what tests of it are about.
        "faces_kept_days": LONGEST_KEPT_DAYS,
    } | overrides
    return Event.objects.create(**fields)


def add_member(event: Event, user: User, role: str = Membership.Role.GUEST) -> Membership:
    return Membership.objects.create(event=event, user=user, role=role)


def make_photo(event: Event, *, original: bytes | None = b"", **overrides: Any) -> Photo:
    """A photo that is ready to be seen, without going through ingest. None: it has no original."""
    number = next(_numbers)
    data = picture(people=[], seed=number)
    original = data if original == b"" else original
    fields: dict[str, Any] = {
        "event": event,
        "sha256": f"{number:064x}",
        "name": f"IMG_{number:04}.jpg",
        "content_type": "image/jpeg",
        "byte_size": len(data if original is None else original),
        "width": 640,
        "height": 480,
        "taken_at": NOON + timedelta(seconds=number),
        "status": Photo.Status.READY,
        "preview_data": data,
        "medium_data": data,
        "thumbnail_data": data,
    } | overrides
    photo = Photo.objects.create(**fields)
    if original is not None and photo.store == DATABASE:
        pieces.write(photo.pk, original)
    return photo


def make_scan(photo: Photo, **overrides: Any) -> PhotoScan:
    from faces.index.indexes import index_of

    name = index_of(photo.event).name
    fields = {"photo": photo, "event": photo.event, "index_name": name} | overrides
    return PhotoScan.objects.create(**fields)


def make_match(user: User, photo: Photo, **overrides: Any) -> FaceMatch:
    fields = {
        "user": user,
        "photo": photo,
        "event": photo.event,
        "taken_at": photo.taken_at,
        "similarity": 95,
    } | overrides
    return FaceMatch.objects.create(**fields)


def make_selfie(user: User, *, person: int = 1, **overrides: Any) -> Selfie:
    number = next(_numbers)
    fields = {
        "user": user,
        "ordinal": Selfie.objects.of(user).count() + 1,
        "sha256": f"{number:064x}",
        "image_data": picture(people=[person], seed=number),
    } | overrides
    return Selfie.objects.create(**fields)


def make_enrollment(selfie: Selfie, event: Event, **overrides: Any) -> Enrollment:
    from faces.index.indexes import index_of

    fields = {
        "selfie": selfie,
        "event": event,
        "index_name": index_of(event).name,
        "template": template(1),
    } | overrides
    return Enrollment.objects.create(**fields)


def consent(user: User, event: Event, **overrides: Any) -> Consent:
    """To all that words can name, unless a test is about that."""
    fields = {"text_version": "2026-11-25", "language": "en"}
    fields |= {"indexing": Event.Indexing.EVERYONE, "index_kind": "rekognition"} | overrides
    return Consent.objects.create(user=user, event=event, **fields)


def agreeing(event: Event, person: User | None = None) -> dict[str, str]:
    """What a guest's form sends who agrees to the words that are on the page now."""
    from faces.privacy import consenting

    return {"consent": "on", "words": consenting.words(event, person).text_hash}


def make_face(photo: Photo, **overrides: Any) -> Face:
    from faces.index.indexes import index_of

    fields = {
        "photo": photo,
        "event": photo.event,
        "index_name": index_of(photo.event).name,
        "ordinal": photo.faces.count(),
        "left": 0.1,
        "top": 0.1,
        "width": 0.2,
        "height": 0.2,
        "detection_score": 0.9,
        "quality": 0.9,
    } | overrides
    return Face.objects.create(**fields)


def make_candidate(user: User, face: Face, **overrides: Any) -> Candidate:
    fields = {
        "user": user,
        "face": face,
        "event": face.event,
        "index_name": face.index_name,
        "similarity": 95,
    } | overrides
    bands = [(85, Candidate.Band.SURE), (39, Candidate.Band.ASKED), (0, Candidate.Band.NEAR)]
    if "band" not in overrides:
        fields["band"] = next(band for least, band in bands if fields["similarity"] >= least)
    return Candidate.objects.create(**{"strength": fields["similarity"]} | fields)


def make_question(user: User, event: Event, similarity: float = 80, **overrides: Any) -> FaceMatch:
    """A photo with a face that the guest is asked about. They need a consent for it."""
    face = make_face(make_photo(event))
    return make_match(
        user, face.photo, face=face, similarity=similarity, band=FaceMatch.Band.ASKED, **overrides
    )


def image_bytes(
    size: tuple[int, int] = (200, 150),
    mode: str = "RGB",
    kind: str = "JPEG",
    **save: Any,
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **save)
    return out.getvalue()


def photos_shown(page):
    """The photos of a gallery's page, in its order."""
    found = Photo.objects.in_bulk([shown.id for shown in page.photos])
    return [found[shown.id] for shown in page.photos]


def find(guest: User, event: Event) -> None:
    """A guest who consents, is enrolled by a selfie, and found in one photo of the event."""
    from faces.finding import enrolling

    consent(guest, event)
    if not Selfie.objects.of(guest).exists():
        make_selfie(guest)
    enrolling.enroll_event(event.pk)
    make_match(guest, make_photo(event))


def join_unproven(event: Event, email: str = "nina@example.com", name: str = "Nina") -> Client:
    """A browser in which somebody has typed a new address to join: a session without proof."""
    client = Client()
    client.post(event.get_join_url(), {"name": name, "email": email})
    return client


def last_code() -> str:
    """The code of the last letter to sign in with."""
    found = re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)
    assert found
    return found[1]


def sign_in_by_code(email: str, client: Client | None = None) -> Client:
    """A browser in which whoever reads the address's mail has signed in."""
    client = client or Client()
    client.post(reverse("account_login"), {"email": email})
    client.post(reverse("account_confirm_login_code"), {"code": last_code()})
    return client
