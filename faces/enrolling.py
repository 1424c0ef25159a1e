"""Taking a guest's selfie, and enrolling it in the event's face index."""

from __future__ import annotations

import hashlib
import logging

import pglock
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import Event, User
from faces import engine, matching, scanning
from faces.errors import UnusableSelfie
from faces.index import EnrolledFace, face_index
from faces.models import SELFIES_PER_GUEST, Consent, Enrollment, Selfie
from findme import jobs
from photos import images
from photos.images import DecodedImage, UnusableImage

logger = logging.getLogger(__name__)

# Recognition wants 112 pixels of face; this keeps a close one sharp, and the row small.
SELFIE_SIDE = 1280
SELFIE_QUALITY = 90
SELFIE_MAX_MEGAPIXELS = 60
# Which words a guest agreed to: the version of the text in `faces/_consent.html`.
CONSENT_VERSION = "2026-11-24"
MESSAGES = {
    **images.MESSAGES,
    **engine.SELFIE_MESSAGES,
    "too_many_selfies": _("You already have five selfies. Please remove one first."),
}


def give_consent(*, user: User, event: Event, language: str) -> Consent:
    """Record that the guest agrees, and enroll the selfies that are already there."""
    with transaction.atomic():
        consent, _ = Consent.objects.get_or_create(
            user=user,
            event=event,
            withdrawn_at=None,
            defaults={"text_version": CONSENT_VERSION, "language": language},
        )
        jobs.enqueue("enroll", event.pk)
    return consent


def add_selfie(*, user: User, data: bytes) -> Selfie:
    """Accept a selfie that shows exactly one usable face, and enroll it where the guest consents.

    The same picture again is the same selfie. Raises `UnusableSelfie` with a stable code.
    """
    image = _checked(data)
    jpeg = images.to_jpeg(images.resize(image, SELFIE_SIDE), SELFIE_QUALITY)
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        # One at a time per guest: two uploads at once must not take the same place.
        User.objects.select_for_update().get(pk=user.pk)
        mine = Selfie.objects.of(user)
        selfie: Selfie | None = mine.filter(sha256=sha256).first()
        if selfie is None:
            selfie = Selfie.objects.create(
                user=user, sha256=sha256, ordinal=_free_place(user), image_data=jpeg
            )
        for event in Consent.objects.of(user).in_force().events():
            jobs.enqueue("enroll", event.pk)
    logger.info("selfie_accepted selfie=%s", selfie.pk)
    return selfie


def check(data: bytes) -> None:
    """Whether a picture shows one usable face; nothing is kept, no template is computed.

    Raises `UnusableSelfie` with a stable code.
    """
    try:
        engine.find_selfie_face(_decoded(data))
    except UnusableImage as error:
        raise UnusableSelfie(error.code) from error


def enroll_event(event_id: int) -> int:
    """Enroll every selfie that the event's index lacks. Returns how many were enrolled.

    Under the event's advisory lock, so that any number of workers on any number of hosts ask
    the index once for each selfie: who waited finds nothing left to do. Nothing is enqueued
    inside: the broker could close the connection that holds the lock.
    """
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        return 0
    with pglock.advisory(f"findme.enroll.{event_id}"):
        selfies = list(Selfie.objects.to_enroll(event, face_index().name).with_bytes())
        enrolled = [selfie for selfie in selfies if _enroll(event, selfie)]
    if enrolled and event.indexing == Event.Indexing.GUESTS_ONLY:
        # Templates of strangers were not kept, so a late guest needs a second look.
        scanning.scan_again(event)
    return len(enrolled)


def sweep() -> None:
    """Enqueue events that have selfies to enroll, in case their job was lost."""
    waiting = Selfie.objects.waiting_events(face_index().name)
    for event_id in waiting:
        jobs.enqueue("enroll", event_id)


def _enroll(event: Event, selfie: Selfie) -> bool:
    try:
        image = images.decode(bytes(selfie.image_data or b""), min_side=None)
        face = face_index().enroll(event, image)
    except (UnusableSelfie, UnusableImage) as error:
        _reject(selfie, error.code)
        return False
    with matching.matching(event.pk, with_others=False):
        if _still_wanted(event, selfie):
            _store(event, selfie, face)
            matching.match_guest(event, selfie.user_id)
            return True
    # Withdrawn while the index was asked.
    face_index().forget(event, [face.remote_face_id] if face.remote_face_id else [])
    return False


def _store(event: Event, selfie: Selfie, face: EnrolledFace) -> None:
    Enrollment.objects.create(
        selfie=selfie,
        event=event,
        index_name=face_index().name,
        template=face.template,
        remote_face_id=face.remote_face_id,
    )
    logger.info("selfie_enrolled selfie=%s event=%s", selfie.pk, event.pk)


def _still_wanted(event: Event, selfie: Selfie) -> bool:
    """Whether consent and selfie are still there, holding both rows until the commit."""
    consents = Consent.objects.filter(user_id=selfie.user_id).in_event(event).in_force()
    has_consent = consents.select_for_update().first() is not None
    return has_consent and Selfie.objects.select_for_update().filter(pk=selfie.pk).exists()


def _reject(selfie: Selfie, code: str) -> None:
    """The index refuses what our own check let pass. The picture is not kept."""
    logger.info("selfie_rejected selfie=%s code=%s", selfie.pk, code)
    Selfie.objects.filter(pk=selfie.pk).update(
        state=Selfie.State.REJECTED, rejection_code=code, image_data=None
    )


def _checked(data: bytes) -> DecodedImage:
    try:
        image = _decoded(data)
        engine.look_at_selfie(image)
    except (UnusableImage, UnusableSelfie) as error:
        logger.info("selfie_refused code=%s", error.code)
        raise UnusableSelfie(error.code) from error
    return image


def _decoded(data: bytes) -> DecodedImage:
    images.inspect(data, max_bytes=settings.SELFIE_MAX_BYTES, max_megapixels=SELFIE_MAX_MEGAPIXELS)
    return images.decode(data, min_side=SELFIE_SIDE)


def _free_place(user: User) -> int:
    taken = set(Selfie.objects.of(user).values_list("ordinal", flat=True))
    free = [place for place in range(1, SELFIES_PER_GUEST + 1) if place not in taken]
    if not free:
        logger.info("selfie_refused code=too_many_selfies")
        raise UnusableSelfie("too_many_selfies")
    return free[0]
