"""Rows of consents, selfies, enrollments, scans, faces and matches."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField

from events.models import Event
from faces.consent_models import Consent
from faces.guest_models import Candidate, FaceChange, GuestModel, Rematch, SelfieRefusal
from faces.index.models import (
    CallLimit,
    EventIndex,
    FaceSimilarity,
    RemoteCalls,
    RemoteRemoval,
)
from faces.letter_models import NoticeRequest, ReadyLetter, Receipt
from faces.querysets import (
    EnrollmentQuerySet,
    FaceMatchQuerySet,
    PhotoScanQuerySet,
    SelfieManager,
    SelfieQuerySet,
)
from faces.working.models import Lease
from photos.models import Photo
from photos.store.models import StoredAs, StoredPictures, bytes_where_the_row_says

__all__ = [
    "CallLimit",
    "Candidate",
    "Consent",
    "Enrollment",
    "EventIndex",
    "Face",
    "FaceChange",
    "FaceMatch",
    "FaceSimilarity",
    "GuestModel",
    "Lease",
    "NoticeRequest",
    "PhotoScan",
    "ReadyLetter",
    "Receipt",
    "Rematch",
    "RemoteCalls",
    "RemoteRemoval",
    "Selfie",
    "SelfieRefusal",
]

SELFIES_PER_GUEST = 5
SELFIE_KINDS = {"selfie": StoredAs("image_data", "selfie.jpg")}


class Selfie(StoredPictures):
    """A guest's own picture, checked to show a usable face: the only one, or the one they chose."""

    kinds = SELFIE_KINDS
    folder_parent = "selfies"
    progress_fields = ("state",)

    class State(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="selfies"
    )
    ordinal = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.ACCEPTED)
    rejection_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    image_data = models.BinaryField(null=True, editable=False)
    # The guest's face: left, top, width, height in parts (0..1); null: what `selfie_check` takes.
    face_box = models.JSONField(null=True, editable=False)
    # What would make another selfie find more, as a code; or that the guest declined to give one.
    DECLINED = "declined"
    advice = models.CharField(max_length=40, blank=True, editable=False)

    objects = SelfieManager.from_queryset(SelfieQuerySet)()

    class Meta:
        verbose_name = _("selfie")
        verbose_name_plural = _("selfies")
        base_manager_name = "objects"
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["user", "sha256"], name="selfie_once_per_user"),
            # Together they allow at most five a user, whatever runs at the same time.
            models.UniqueConstraint(fields=["user", "ordinal"], name="selfie_ordinal_once"),
            models.CheckConstraint(
                condition=models.Q(ordinal__gte=1, ordinal__lte=SELFIES_PER_GUEST),
                name="selfie_at_most_five",
            ),
            models.CheckConstraint(
                condition=models.Q(state="accepted", rejection_code="")
                | (models.Q(state="rejected") & ~models.Q(rejection_code="")),
                name="selfie_rejected_has_a_reason",
            ),
            models.CheckConstraint(
                condition=bytes_where_the_row_says(SELFIE_KINDS),
                name="selfie_bytes_where_the_row_says",
            ),
            models.UniqueConstraint(
                fields=["folder"], condition=models.Q(store="s3"), name="selfie_folder_once"
            ),
        ]

    def __str__(self) -> str:
        return f"selfie {self.pk}"

    @classmethod
    def with_pictures(cls, event_id: int | None = None) -> models.QuerySet[Any]:
        """A selfie belongs to a guest, not to an event."""
        accepted = cls.objects.accepted()
        return accepted if event_id is None else accepted.none()


class Enrollment(models.Model):
    """A selfie in an event's face index."""

    # A key without an index of its own is the first column of another index, here and below.
    selfie = models.ForeignKey(
        Selfie, on_delete=models.CASCADE, related_name="enrollments", db_index=False
    )
    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, related_name="enrollments", db_index=False
    )
    index_name = models.CharField(max_length=80)
    template = HalfVectorField(null=True)
    remote_face_id = models.CharField(max_length=64, blank=True)
    # These are for remote indexes. By the database's clock, faces indexed before `searched_at` were
    # compared with this selfie, down to the similarity `searched_at_least`; and the guest's page
    # last asked for more at `search_asked_at`.
    searched_at = models.DateTimeField(null=True)
    searched_at_least = models.FloatField(null=True)
    search_asked_at = models.DateTimeField(null=True)
    # The service's answer was longer than it gives: matches are missing.
    truncated = models.BooleanField(default=False)
    # By which search's answers anchors were chosen; the pool that it is searched in, once it is.
    anchored_at = models.DateTimeField(null=True)
    pool = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("face pattern")
        verbose_name_plural = _("face patterns")
        constraints = [
            models.UniqueConstraint(
                fields=["selfie", "event", "index_name"], name="enrollment_once"
            ),
            models.CheckConstraint(
                condition=models.Q(template__isnull=False) | ~models.Q(remote_face_id=""),
                name="enrollment_is_somewhere",
            ),
        ]
        indexes = [
            # A new photo's faces against everybody enrolled in its event.
            models.Index(fields=["event", "index_name"], name="enrollment_event_index"),
        ]

    def __str__(self) -> str:
        return f"enrollment {self.pk}"


class PhotoScan(models.Model):
    """The work of finding the faces in a photo, and its truth: the queue only carries ids."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being looked at")
        DONE = "done", _("looked at")
        FAILED = "failed", _("failed")

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="scans", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="scans", db_index=False)
    index_name = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempt_id = models.UUIDField(null=True)
    available_at = models.DateTimeField(default=timezone.now)
    # When who has it gave the last sign of life.
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failure_code = models.CharField(max_length=40, blank=True)
    face_count = models.PositiveIntegerField(default=0)
    # What a remote index said of some of the faces (`faces.index.contract.Answers`) before the
    # scan was put off, and which enrollments it compared them with:
    # {"boxes": ..., "enrollments": [ids]}.
    answered = models.JSONField(null=True, editable=False)

    objects = PhotoScanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "index_name"], name="scan_once_per_index"),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(failure_code=""),
                name="scan_failed_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="running")
                | models.Q(attempt_id__isnull=False, claimed_at__isnull=False),
                name="scan_running_is_claimed",
            ),
        ]
        indexes = [
            # Progress: the counts of an event by state.
            models.Index(fields=["event", "state"], name="scan_event_state"),
            # The sweep: work that waits too long, claims that went stale.
            models.Index(
                fields=["state", "available_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="scan_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"scan of photo {self.photo_id}: {self.state}"


class Face(models.Model):
    """A face found in a photo. The box is in parts (0..1) of the upright photo."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="faces", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="faces", db_index=False)
    index_name = models.CharField(max_length=80)
    ordinal = models.PositiveSmallIntegerField()
    left = models.FloatField()
    top = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    detection_score = models.FloatField()
    quality = models.FloatField()
    template = HalfVectorField(null=True)
    remote_face_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "index_name", "ordinal"], name="face_ordinal_once"
            ),
            models.CheckConstraint(
                condition=models.Q(left__gte=0, top__gte=0, width__gt=0, height__gt=0)
                & models.Q(left__lte=1, top__lte=1, width__lte=1, height__lte=1),
                name="face_box_within_photo",
            ),
        ]
        indexes = [
            # A guest's selfie against every face of the event: an exact scan of these rows.
            models.Index(fields=["event", "index_name"], name="face_event_index"),
            # A remote service's answer is looked up in our rows by it.
            models.Index(
                fields=["index_name", "remote_face_id"],
                condition=~models.Q(remote_face_id=""),
                name="face_remote_id",
            ),
        ]

    def __str__(self) -> str:
        return f"face {self.ordinal} of photo {self.photo_id}"


class FaceMatch(models.Model):
    """That a guest is in a photo: as the machine sees it, and as the guest says."""

    class Band(models.TextChoices):
        SURE = "sure", _("sure")
        ASKED = "asked", _("asked")

    class Verdict(models.TextChoices):
        NONE = "", _("not said")
        ME = "me", _("this is me")
        NOT_ME = "not_me", _("not me")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="face_matches",
        db_index=False,
    )
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="matches")
    face = models.ForeignKey(Face, on_delete=models.SET_NULL, null=True, related_name="matches")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="matches")
    taken_at = models.DateTimeField()
    similarity = models.FloatField()
    band = models.CharField(max_length=10, choices=Band, default=Band.SURE)
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.NONE, blank=True)
    # When the guest answered "not sure": asked last from then on.
    put_off_at = models.DateTimeField(null=True, editable=False)
    # When the machine first saw it, for the desk's figures: later scans leave it as it is.
    found_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = FaceMatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.UniqueConstraint(fields=["user", "photo"], name="match_once_per_photo"),
            models.CheckConstraint(
                condition=models.Q(similarity__gte=0, similarity__lte=100),
                name="match_similarity_within_0_100",
            ),
        ]
        indexes = [
            # My Photos, newest first.
            models.Index(
                "user",
                "event",
                models.F("taken_at").desc(),
                models.F("photo").desc(),
                name="match_my_photos",
            ),
        ]

    def __str__(self) -> str:
        return f"match of user {self.user_id} in photo {self.photo_id}"
