"""Taking a guest's selfie, and enrolling it in the event's face index."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable

from django.conf import settings

from events.access import still_theirs
from events.models import Event, User
from faces.errors import ProofNeeded, UnusableSelfie
from faces.finding import matching, one_person, pooling, scanning, searching, tidying
from faces.finding.one_person import NewSelfie
from faces.index.contract import EnrolledFace, FaceIndex
from faces.index.indexes import indexes_of, is_remote
from faces.models import SELFIES_PER_GUEST, Consent, Enrollment, Selfie, SelfieRefusal
from faces.vision import selfie_check
from faces.vision.boxes import Box
from faces.vision.selfie_check import Seen, SeveralFaces
from faces.working import leases
from faces.working.leases import SLICE_SECONDS, Held
from findme import jobs
from photos.imaging import formats, gate, images
from photos.imaging.images import DecodedImage, UnusableImage
from photos.store import reading, stores
from photos.store.contract import PreparedPictures
from photos.store.faults import as_store_unavailable
from photos.store.models import new_folder

logger = logging.getLogger(__name__)

# Recognition wants 112 pixels of face; this keeps a close one sharp, and the row small.
SELFIE_SIDE = 1280
SELFIE_QUALITY = 90
# A JPEG is scaled while it is decoded. libheif has no such thing for what phones write, whose
# largest have 48 megapixels; nor have PNG and WebP, which no camera writes.
MOST_MEGAPIXELS = {
    "JPEG": 60, "HEIF": 50, "AVIF": 50, "PNG": 24, "WEBP": 24, "TIFF": 24, "GIF": 24,
}  # fmt: skip


def add_selfie(
    *,
    user: User,
    data: bytes,
    box: Box | None = None,
    along: Callable[[], None] | None = None,
    event: Event | None = None,
    may_change: bool = False,
) -> Selfie:
    """Accept a selfie that shows one usable face, of the person of those in use, and enroll it
    where the guest consents. Of several faces it is the one in the box.

    Only with the guest's consent: with selfies in use a template is computed. `may_change`: after
    all were removed, another person's may be the first (`faces.finding.one_person`); `event` is the
    one it is given in. The same picture again is the same selfie. `along` runs in the transaction
    that keeps it: never a selfie without the consent that came with it, whatever dies in between.
    Raises `UnusableSelfie` with a stable code, of which `SeveralFaces` asks for a box,
    `ProofNeeded`, `StoreUnavailable`, and `User.DoesNotExist`.
    """
    image, seen, new = _checked(user, data, box, may_change)
    prepared = stores.for_new().prepare(
        new_folder(Selfie.folder_parent), {"selfie": kept_of(image)}
    )
    # Our own box, not the one that was sent; none where the picture leaves no choice.
    own = box and selfie_check.box_of(image, seen.face)
    sha256 = hashlib.sha256(data + (own.written.encode() if own else b"")).hexdigest()
    try:
        with as_store_unavailable(), still_theirs(user):
            # A guest's uploads wait for each other: two at once must not be of two people, nor take
            # the same ordinal.
            owner = User.objects.select_for_update(of=("self",)).select_related("guardian")
            user = owner.get(pk=user.pk)
            is_change = new.demand(may_change=may_change)
            selfie = _keep(user, prepared, sha256=sha256, face_box=own, advice=seen.advice)
            if along is not None:
                along()
            if Consent.objects.of(user).in_force().filter(event__proof_first=True).exists():
                demand_proof(user)  # whatever way the consent came
            if is_change:
                one_person.note_change(user, event)
    except (UnusableSelfie, ProofNeeded) as error:
        prepared.abandon()
        logger.info("selfie_refused code=%s", error.code)
        raise
    logger.info("selfie_accepted selfie=%s", selfie.pk)
    return selfie


def check(data: bytes) -> Seen:
    """The usable face of a picture. Nothing is kept, and no template is computed: that takes
    longer, and is only of use in an index.

    Raises `UnusableSelfie` with a stable code, of which `SeveralFaces` asks which one it is.
    """
    return _looked_at(data, None)[1]


def demand_proof(user: User) -> None:
    """Raises `ProofNeeded` where nobody has proven to read the account's mail; a child's is the
    guardian's."""
    if (user.guardian or user).address_proven_at is None:
        logger.info("selfie_refused code=prove_first")
        raise ProofNeeded


def kept_of(image: DecodedImage) -> bytes:
    """The JPEG that is kept of a selfie."""
    return images.to_jpeg(images.resize(image, SELFIE_SIDE), SELFIE_QUALITY)


def smaller(data: bytes) -> bytes:
    """A picture that was sent, as it would be kept. Raises `UnusableImage`, `UnusableSelfie`, and
    `BusyLooking`."""
    with gate.one_at_a_time():
        return kept_of(_decoded(data))


def enroll_event(event_id: int) -> int:
    """Enroll every selfie that the event's index lacks. Returns how many were enrolled.

    Each under a lease of its own, so that any number of workers on any number of hosts share the
    work and ask the index once for each selfie. After a while the rest is another job's.
    """
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        return 0
    enrolled: list[Selfie] = []
    try:
        try:
            _enroll_all(event, enrolled)
        finally:
            pooling.pool(event)
    finally:  # those who are enrolled do not wait for one whom the service refuses
        scanning.scan_for_late_guests(event)
    if enrolled:
        searching.search_guests(event, [selfie.user_id for selfie in enrolled])
    return len(enrolled)


def sweep() -> None:
    """Enqueue events that have selfies to enroll, or photos to look at again for those that were,
    in case their job was lost."""
    late = Enrollment.objects.not_looked_for().values_list("event", flat=True)
    jobs.enqueue_many("enroll", sorted({*Selfie.objects.waiting_events(), *late}))


def _keep(
    user: User,
    prepared: PreparedPictures,
    *,
    sha256: str,
    face_box: Box | None,
    advice: str,
) -> Selfie:
    selfie: Selfie | None = Selfie.objects.of(user).filter(sha256=sha256).first()
    if selfie is None:
        selfie = Selfie.objects.create(
            user=user,
            sha256=sha256,
            ordinal=_free_ordinal(user),
            face_box=face_box,
            advice=advice,
            **prepared.fields(),
        )
    else:
        prepared.abandon()
    for event in Consent.objects.of(user).in_force().events():
        jobs.enqueue("enroll", event.pk)
    return selfie


def _enroll_all(event: Event, enrolled: list[Selfie]) -> None:
    """Add to `enrolled` whom this process enrolls, as far as it gets."""
    deadline = time.monotonic() + SLICE_SECONDS
    for index in indexes_of(event):
        for selfie in list(Selfie.objects.to_enroll(event, index.name, index.row.kind)):
            jobs.beat()
            with leases.if_free(f"enroll.{index.row.pk}.{selfie.pk}") as lease:
                if lease is not None and _enroll(event, index, selfie, lease):
                    enrolled.append(selfie)
            if time.monotonic() > deadline:
                jobs.enqueue("enroll", event.pk)
                return


def _enroll(event: Event, index: FaceIndex, selfie: Selfie, lease: Held) -> bool:
    """Ask the index about it, unless who had the lease before has. Whether it is enrolled now."""
    waiting = Selfie.objects.to_enroll(event, index.name, index.row.kind)
    if not waiting.filter(pk=selfie.pk).exists():
        return False
    try:
        image = images.decode(reading.read_of(selfie, "selfie") or b"", min_side=None)
        box = Box(*selfie.face_box) if selfie.face_box else None
        face = index.enroll(selfie.pk, image, box)
    except (UnusableSelfie, UnusableImage) as error:
        _reject(event, selfie, error.code)
        return False
    with matching.matching(event.pk, with_others=False):
        is_ours = lease.still_is()
        if is_ours and _still_wanted(event, index, selfie):
            _store(event, index, selfie, face)
            matching.match_guests(event, index, [selfie.user_id])
            return True
    if not is_ours:
        logger.warning("lease_lost lease=%s", lease.name)
        # Who has it now may have the very same face, and not have stored it yet.
        if is_remote(index):
            tidying.look_later(index)
        return False
    # The guest withdrew while the index was asked: no row will name the face that it made.
    if is_remote(index):
        tidying.remember(index, [face.remote_face_id])
    return False


def _store(event: Event, index: FaceIndex, selfie: Selfie, face: EnrolledFace) -> None:
    Enrollment.objects.create(
        selfie=selfie,
        event=event,
        index_name=index.name,
        template=face.template,
        remote_face_id=face.remote_face_id,
    )
    # What was seen in the picture says more than what the index makes of it.
    Selfie.objects.filter(pk=selfie.pk, advice="").update(advice=face.advice)
    logger.info("selfie_enrolled selfie=%s event=%s", selfie.pk, event.pk)


def _still_wanted(event: Event, index: FaceIndex, selfie: Selfie) -> bool:
    """Whether consent and selfie are still there, holding both rows until the commit."""
    consents = Consent.objects.filter(user_id=selfie.user_id).in_event(event).in_force()
    covering = consents.covering(index.row.kind)
    has_consent = covering.select_for_update().first() is not None
    return has_consent and Selfie.objects.select_for_update().filter(pk=selfie.pk).exists()


def _reject(event: Event, selfie: Selfie, code: str) -> None:
    """The index refuses what our own check let pass. The picture is not kept."""
    logger.info("selfie_rejected selfie=%s code=%s", selfie.pk, code)
    SelfieRefusal.objects.count_one(event, code)
    Selfie.objects.filter(pk=selfie.pk).update(
        state=Selfie.State.REJECTED,
        rejection_code=code,
        store=Selfie.StoreName.DATABASE,
        folder="",
        image_data=None,
    )


def _checked(
    user: User, data: bytes, box: Box | None, may_change: bool
) -> tuple[DecodedImage, Seen, NewSelfie]:
    try:
        image, seen = _looked_at(data, box)
        new = NewSelfie(user, image, seen.face)
        new.demand(may_change=may_change)
        return image, seen, new
    except SeveralFaces:
        raise  # a question, and no refusal
    except UnusableSelfie as error:
        logger.info("selfie_refused code=%s", error.code)
        raise


def _looked_at(data: bytes, box: Box | None) -> tuple[DecodedImage, Seen]:
    """Raises `UnusableSelfie`, and `BusyLooking` where too many pictures come at once."""
    with gate.one_at_a_time():
        try:
            image = _decoded(data)
        except UnusableImage as error:
            raise UnusableSelfie(error.code) from error
        return image, selfie_check.look(image, box)


def _decoded(data: bytes) -> DecodedImage:
    """Small, whatever it is stored as: pixels of a guest's picture are kept for a moment only."""
    most = MOST_MEGAPIXELS.get(formats.kind_of(data) or "", 0)
    try:
        images.inspect(data, max_bytes=settings.SELFIE_MAX_BYTES, max_megapixels=most)
    except UnusableImage as error:
        if error.code == "too_many_pixels":
            raise UnusableSelfie("selfie_too_many_pixels") from error
        raise
    return images.decode(data, min_side=SELFIE_SIDE, is_small=True).at_most(2 * SELFIE_SIDE)


def _free_ordinal(user: User) -> int:
    taken = set(Selfie.objects.of(user).values_list("ordinal", flat=True))
    free = [ordinal for ordinal in range(1, SELFIES_PER_GUEST + 1) if ordinal not in taken]
    if not free:
        raise UnusableSelfie("too_many_selfies")
    return free[0]
