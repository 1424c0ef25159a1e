"""Why a guest is not found: what the machine saw in the photos and in the selfies, and its page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.access import member_required, person_of
from events.models import Event, User
from faces.errors import UnusableSelfie
from faces.finding import progress
from faces.guest import questions
from faces.index.indexes import active_name
from faces.models import Candidate, FaceMatch, Selfie
from faces.vision import selfie_check
from faces.vision.boxes import Box
from faces.vision.detection import FRONTAL_YAW, GOOD_SHARPNESS, Detection
from findme.refusals import words_of
from photos import audience
from photos.audience import Audience
from photos.imaging import images
from photos.imaging.images import UnusableImage
from photos.models import Photo
from photos.store import reading
from photos.store.faults import StoreUnavailable

SHOWN = 6


@dataclass(frozen=True)
class NearMiss:
    """A photo that the guest may see, with a face that is like the guest's, but not enough.
    Similarity 0..100."""

    photo: Photo
    similarity: int


@dataclass(frozen=True)
class SeenSelfie:
    """A selfie as the machine sees it. `refusal` is a code; box and size are in pixels."""

    selfie: Selfie
    width: int = 0
    height: int = 0
    face: Detection | None = None
    refusal: str = ""

    @property
    def is_large(self) -> bool:
        return self.face is not None and self.face.height >= 2 * selfie_check.MIN_HEIGHT_PIXELS

    @property
    def is_sharp(self) -> bool:
        return self.face is not None and self.face.sharpness >= GOOD_SHARPNESS

    @property
    def is_frontal(self) -> bool:
        return self.face is not None and abs(self.face.yaw) <= FRONTAL_YAW

    @property
    def is_well_lit(self) -> bool:
        """Well within what a selfie may have; ordinary photos have 59 and more."""
        return self.face is not None and 50 <= self.face.brightness <= 200


@require_safe
@never_cache
@member_required
def why_not(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Why a guest finds none, or not all: figures, near misses, the selfies as they were seen.

    Looks at each selfie anew: 0.1 s each.
    """
    user = person_of(request)
    guest_progress = progress.of_guest(user, event)
    if not guest_progress.has_selfie:
        return redirect("my_photos", slug=event.slug)
    viewer = audience.of(request, event)
    near = near_misses(user, event, viewer)
    own = FaceMatch.objects.of(user).in_event(event).counting()
    seen = [check_again(selfie) for selfie in Selfie.objects.of(user)]
    context = {
        "event": event,
        "guest_progress": guest_progress,
        "progress": progress.of_event(event),
        "photo_count": own.shown_to(viewer).count(),
        "question_count": questions.open_to(user, event).count(),
        "near": near,
        "near_shown": near[:SHOWN],
        "seen": [(one, words_of(one.refusal) if one.refusal else "") for one in seen],
    }
    return render(request, "faces/guest/why_not.html", context)


def near_misses(user: User, event: Event, viewer: Audience) -> list[NearMiss]:
    """The photos nearest to being the guest's, best first.

    Photos that the guest has, is asked about or denied to be in are not among them.
    """
    candidates = Candidate.objects.in_event(event, active_name(event)).of(user)
    rows = candidates.filter(band=Candidate.Band.NEAR).order_by("similarity")
    decided = set(FaceMatch.objects.of(user).in_event(event).values_list("photo_id", flat=True))
    near = dict(rows.values_list("face__photo", "similarity"))
    photos = Photo.objects.in_event(event).visible_to(viewer).in_bulk(near.keys() - decided)
    best = sorted(near.items(), key=lambda item: -item[1])
    return [NearMiss(photos[pk], int(similarity)) for pk, similarity in best if pk in photos]


def check_again(selfie: Selfie) -> SeenSelfie:
    """Look at a stored selfie once more, as when it was given."""
    if selfie.state == Selfie.State.REJECTED:
        return SeenSelfie(selfie, refusal=selfie.rejection_code)
    try:
        image = images.decode(reading.read_of(selfie, "selfie") or b"", min_side=None)
        box = Box(*selfie.face_box) if selfie.face_box else None
        face = selfie_check.check(image, box)
    except (UnusableImage, UnusableSelfie, StoreUnavailable) as error:
        return SeenSelfie(selfie, refusal=error.code)
    return SeenSelfie(selfie, image.width, image.height, face)
