"""A guest who has done everything that leaves a trace, and the search for what is left of them."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage
from PIL import ExifTags, Image

from events import audit
from events.models import CHILDREN_DOMAIN, Event, Exclusion, User
from faces.finding import enrolling
from faces.index.models import Anchor
from faces.models import (
    Candidate,
    Enrollment,
    Face,
    FaceChange,
    FaceMatch,
    FaceSimilarity,
    GuestModel,
    ReadyLetter,
    Selfie,
)
from faces.notices import mailing
from photos.gallery import hide_requests
from photos.intake import guest_upload
from photos.intake.ingest import ingest
from photos.models import ClockShift, DirectUpload, Download, Favourite, Photo, UploadBatch
from tests import builders
from tests.fakes import picture, template
from tests.workers import run_jobs

# Nobody else has a name or an id in which these occur.
NAME, CHILD = "Zephyrine", "Aurelio"
ID, CHILD_ID = 7_777_777_001, 7_777_777_002
ADDRESS = "zephyrine@people.example"


def make_guest(event: Event) -> User:
    guest = User.objects.create_user(ADDRESS, name=NAME, id=ID, address_proven_at=builders.NOON)
    builders.add_member(event, guest)
    return guest


def make_child(guest: User, event: Event) -> User:
    """A child whom the guest looks for, with a selfie of its own."""
    address = f"aurelio@{CHILDREN_DOMAIN}"
    child = User.objects.create_user(
        address, name=CHILD, id=CHILD_ID, guardian=guest, is_active=False
    )
    builders.consent(child, event)
    enrolling.add_selfie(user=child, data=picture([2], seed=52))
    return child


def live(guest: User, event: Event, organizer: User) -> Client:
    """Fill every table for the guest. Returns the browser in which they are signed in."""
    builders.consent(guest, event)
    enrolling.add_selfie(user=guest, data=picture([1], seed=51))
    make_child(guest, event)
    ingest(event=event, data=picture([1, 2]), name="a.jpg", uploader=organizer)
    guest_upload.add(event=event, user=guest, data=signed_picture(), name=f"{NAME}-1.jpg")
    run_jobs()
    look_alike(guest, event)
    use_the_pages(guest, event)
    be_managed(guest, event, organizer)
    return sign_in(guest)


def signed_picture() -> bytes:
    """A photo in which the camera wrote its owner's name."""
    notes, out = Image.Exif(), io.BytesIO()
    notes[ExifTags.Base.Artist] = NAME
    Image.open(io.BytesIO(picture([1], seed=53))).save(out, "JPEG", exif=notes)
    return out.getvalue()


def look_alike(guest: User, event: Event) -> None:
    """What recognition keeps of a guest, as far as the jobs have not made it."""
    enrollment = Enrollment.objects.get(selfie__user=guest)
    photo = Photo.objects.get(name="a.jpg")
    face = Face.objects.filter(photo=photo).first() or builders.make_face(photo)
    FaceSimilarity.objects.get_or_create(enrollment=enrollment, face=face, similarity=90)
    if not Anchor.objects.filter(enrollment__selfie__user=guest).exists():
        Anchor.objects.create(enrollment=enrollment, face=face)
    if not Candidate.objects.filter(user=guest).exists():
        builders.make_candidate(guest, face)
    if not FaceMatch.objects.of(guest).exists():
        builders.make_match(guest, photo)
    vectors = dict.fromkeys(["selfies", "first", "second"], template(1))
    if not GuestModel.objects.filter(user=guest).exists():
        name = enrollment.index_name
        GuestModel.objects.create(user=guest, event=event, index_name=name, sure_at=1, **vectors)
    FaceChange.objects.create(user=guest, event=event, what=FaceChange.What.CHANGED)


def use_the_pages(guest: User, event: Event) -> None:
    photo = Photo.objects.get(name="a.jpg")
    mailing.ask(user=guest, event=event)
    ReadyLetter.objects.create(user=guest, event=event, state=ReadyLetter.State.SENT)
    Favourite.objects.create(user=guest, photo=photo)
    Download.objects.create(user=guest, event=event, photos=1, size="web")
    hide_requests.ask(photo=photo, user=guest, words=f"{NAME} is in it")
    DirectUpload.objects.create(
        event=event, uploader=guest, folder="photos/x", upload_id="x", name=NAME, byte_size=1
    )


def be_managed(guest: User, event: Event, organizer: User) -> None:
    """What others, and libraries, keep of a guest."""
    audit.record(event, "role_changed", by=organizer, person=guest, role="guest")
    audit.record(event, "photos_hidden", by=guest, count=1)
    ClockShift.objects.create(event=event, user=guest, seconds=60, photo_ids=[])
    UploadBatch.objects.create(event=event, user=guest, files=1, missing=[1])
    Exclusion.objects.create(event=builders.make_event(), user=guest, address_key="0" * 64)
    LogEntry.objects.log_actions(organizer.pk, [guest], CHANGE, "", single_object=True)
    LogEntry.objects.log_actions(organizer.pk, [guest, event], CHANGE, "")  # two are one INSERT
    LogEntry.objects.log_actions(guest.pk, [event], CHANGE, "", single_object=True)
    guest.groups.add(Group.objects.create(name="group"))
    guest.user_permissions.add(Permission.objects.all()[0])
    address = EmailAddress.objects.create(user=guest, email=guest.email, verified=True)
    EmailConfirmation.objects.create(email_address=address, key="x")
    Authenticator.objects.create(user=guest, type=Authenticator.Type.TOTP, data={"secret": "x"})
    fail_a_job(guest)


def fail_a_job(guest: User) -> None:
    """With a traceback that quotes a row, as PostgreSQL does."""
    now = timezone.now()
    quoted = f"IntegrityError DETAIL: Failing row contains ({guest.pk}, {guest.email})."
    Task.objects.create(
        id="0" * 32, name="scan-1", func="f", started=now, stopped=now, success=False, result=quoted
    )


def sign_in(guest: User) -> Client:
    """Signed in on one device; on another a code was asked for, and never typed; a third is long
    gone."""
    Client().post(reverse("account_request_login_code"), {"email": guest.email})
    lost, client = Client(), Client()
    for each in (lost, client):
        each.force_login(guest, backend="events.entrance.backends.DeskBackend")
    earlier = timezone.now() - timedelta(days=1)
    Session.objects.filter(pk=lost.session.session_key).update(expire_date=earlier)
    return client


def needles() -> dict[str, str]:
    """What must be found nowhere, as a text that a row has it in. To be asked before the guest
    goes."""
    selfies = Selfie.objects.filter(user__in=[ID, CHILD_ID]).values_list("sha256", flat=True)
    uploads = Photo.objects.filter(uploader=ID).values_list("sha256", flat=True)
    return {
        "name": NAME,
        "child's name": CHILD,
        "name in bytes": NAME.encode().hex(),
        "id": str(ID),
        "child's id": str(CHILD_ID),
        **{f"selfie {number}": sha256 for number, sha256 in enumerate(selfies)},
        **{f"photo {number}": sha256 for number, sha256 in enumerate(uploads)},
    }


def found_in(text: str, wanted: dict[str, str]) -> set[str]:
    return {what for what, needle in wanted.items() if needle.lower() in text.lower()}


def found(wanted: dict[str, str]) -> set[tuple[str, str]]:
    """Tables in which any of it is, with what it is: all of them, in one query, and what is in
    some of their columns encoded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT columns.table_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        rows = " UNION ALL ".join(f"SELECT '{name}', t::text FROM {name} t" for name in tables)
        cursor.execute(
            f"SELECT * FROM ({rows}) AS everything (place, row) WHERE row ILIKE ANY (%s)",
            [[f"%{needle}%" for needle in wanted.values()]],
        )
        texts = [*cursor.fetchall(), *decoded()]
    return {(place, what) for place, text in texts for what in found_in(text, wanted)}


def decoded() -> list[tuple[str, str]]:
    """Columns that no search reads as they are stored."""
    sessions = [json.dumps(row.get_decoded()) for row in Session.objects.all()]
    jobs: list[Any] = [SignedPackage.loads(row.payload) for row in OrmQ.objects.all()]
    failed = [(row.args, row.kwargs, row.result) for row in Task.objects.all()]
    texts = [*sessions, *map(repr, jobs), *map(repr, failed)]
    return [("encoded", text) for text in texts]
