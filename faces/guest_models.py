"""Rows of what a guest is known by in an event, of the faces that may be theirs, and of how many
selfies were refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from events.models import Event, User


class GuestModelQuerySet(models.QuerySet["GuestModel"]):
    def in_event(self, event: Event, index_name: str | models.Subquery) -> Self:
        return self.filter(event=event, index_name=index_name)

    def stale(self) -> Self:
        return self.filter(is_stale=True)

    def mark_stale(self) -> None:
        """Note that something of them may have changed. In one order, so that no two who do this
        at the same time wait for each other."""
        fresh = self.filter(is_stale=False).select_for_update(no_key=True).order_by("pk")
        locked = list(fresh.values_list("pk", flat=True))
        self.model.objects.filter(pk__in=locked).update(is_stale=True)


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def in_event(self, event: Event, index_name: str | models.Subquery) -> Self:
        return self.filter(event=event, index_name=index_name)

    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def claiming(self) -> Self:
        """Those that are shown or asked about, unless the face is another guest's."""
        return self.filter(band__in=["sure", "asked"])


class RematchQuerySet(models.QuerySet["Rematch"]):
    def of(self, event: Event) -> Self:
        return self.filter(event=event)

    def free(self) -> Self:
        """Those that nobody works on, or whose worker was not heard of for long."""
        return self.filter(models.Q(runner=None) | self._abandoned())

    def waiting(self) -> Self:
        """Those of which nothing was heard for long: their job may be lost."""
        return self.filter(self._abandoned())

    def free_waiting(self) -> list[int]:
        """Free those, and count from now on again: behind a backlog their job is not lost. Returns
        their events."""
        rows = list(self.waiting().select_for_update(skip_locked=True))
        self.filter(pk__in=[row.pk for row in rows]).update(runner=None, beat_at=timezone.now())
        return [row.event_id for row in rows]

    def _abandoned(self) -> models.Q:
        return models.Q(beat_at__lt=timezone.now() - Rematch.ABANDONED)


class SelfieRefusalQuerySet(models.QuerySet["SelfieRefusal"]):
    def in_event(self, event: Event) -> Self:
        """Those that weigh most first."""
        return self.filter(event=event).order_by("-count", "code")

    def count_one(self, event: Event, code: str) -> None:
        refusal, is_first = self.get_or_create(event=event, code=code, defaults={"count": 1})
        if not is_first:
            self.filter(pk=refusal.pk).update(count=models.F("count") + 1)


class FaceChangeQuerySet(models.QuerySet["FaceChange"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def removals(self) -> Self:
        return self.filter(what="removed")

    def telling(self) -> Self:
        """Those that organizers are told of."""
        return self.exclude(what="removed")

    def note_removal(self, user_id: int, event: Event) -> None:
        """That all selfies in use are removed: the next one may be of another face."""
        self.get_or_create(user_id=user_id, event=event, what=FaceChange.What.REMOVED)


class GuestModel(models.Model):
    """What a guest is known by in an event, made of their selfies and their surest faces.

    How it is made, and why so: `faces.finding.recognition`. Vectors are of unit length.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guest_models"
    )
    event = models.ForeignKey(  # the first column of `guest_model_once`
        Event, on_delete=models.CASCADE, related_name="guest_models", db_index=False
    )
    index_name = models.CharField(max_length=80)
    # Of the selfies alone, with the nearest photos' faces, with those nearest to that; and with the
    # faces that the guest confirmed, where they teach it anything.
    selfies = VectorField()
    first = VectorField()
    second = VectorField()
    taught = VectorField(null=True)
    # Ids of the faces that `second` holds besides the selfies.
    members = ArrayField(models.BigIntegerField(), default=list)
    # The faces that it found belong together more than with the selfies: to somebody else.
    ran_off = models.BooleanField(default=False)
    # The cosine of SURE that it was judged by.
    sure_at = models.FloatField()
    # Something came or went that may be a part of it.
    is_stale = models.BooleanField(default=False)
    renewed_at = models.DateTimeField(default=timezone.now)

    objects = GuestModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "index_name", "user"], name="guest_model_once"
            ),
        ]

    def __str__(self) -> str:
        return f"model of user {self.user_id} in event {self.event_id}"


class Candidate(models.Model):
    """A face that may be a guest's, by that guest's own model: before other guests are heard.

    `strength` is what counts where several guests claim the face; both are on the scale 0..100.
    """

    class Band(models.TextChoices):
        SURE = "sure"
        ASKED = "asked"
        # Below what is asked: for previews of another threshold, and for "why am I not found?".
        NEAR = "near"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="face_candidates"
    )
    # Event and face are the first columns of the indexes below: each index costs at every write.
    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, related_name="face_candidates", db_index=False
    )
    index_name = models.CharField(max_length=80)
    face = models.ForeignKey(
        "faces.Face", on_delete=models.CASCADE, related_name="candidates", db_index=False
    )
    similarity = models.FloatField()
    strength = models.FloatField()
    band = models.CharField(max_length=5, choices=Band)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["face", "user"], name="candidate_once"),
            models.CheckConstraint(
                condition=models.Q(similarity__gte=0, similarity__lte=100),
                name="candidate_similarity_within_0_100",
            ),
        ]
        indexes = [
            # A guest's faces, and those of everybody in an event.
            models.Index(fields=["event", "index_name", "user"], name="candidate_event_user"),
        ]

    def __str__(self) -> str:
        return f"face {self.face_id} may be user {self.user_id}'s"


class Rematch(models.Model):
    """That an event's guests are being matched anew, and how far that is; gone once it is done.

    By it any worker goes on where another died (`faces.finding.renewing`).
    """

    # A batch of guests takes a second or two, on a machine that does much else ten times as long.
    ABANDONED = timedelta(minutes=1)

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="rematch")
    # The event's when it began: where that has another by now, it starts over.
    threshold = models.FloatField()
    # The event's before that, to which who cancels goes back; none where it was not changed.
    before = models.FloatField(null=True)
    # Whether also those are matched whose model is as the threshold wants it.
    everybody = models.BooleanField(default=False)
    # Whether photos are looked at again at the end, where too little was kept of their faces for
    # another threshold.
    rescans = models.BooleanField(default=False)
    # Guests are gone through by id: up to here, so many, of so many.
    last_user_id = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # Who works on it, and when that one was last heard of.
    runner = models.UUIDField(null=True)
    beat_at = models.DateTimeField(default=timezone.now)

    objects = RematchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"event {self.event_id}: {self.done} of {self.total}"


class FaceChange(models.Model):
    """That a guest came with another face than before, perhaps, or was refused to: for the
    organizer, who knows the guests. Nothing of the face is kept, so whoever removes all selfies and
    gives one of the same face counts too."""

    class What(models.TextChoices):
        CHANGED = "changed", _("new selfies after all were removed")
        REFUSED = "refused", _("a selfie of somebody else refused")
        # Once a guest and event: from then on a first selfie is a change.
        REMOVED = "removed", _("all selfies removed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="face_changes"
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="face_changes")
    what = models.CharField(max_length=10, choices=What)
    at = models.DateTimeField(default=timezone.now)

    objects = FaceChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["event", "user"], name="face_change_event_user")]

    def __str__(self) -> str:
        return f"user {self.user_id} in event {self.event_id}: {self.what}"


class SelfieRefusal(models.Model):
    """How many selfies were refused to an event's guests, and why. Nobody is named."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="selfie_refusals")
    code = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    objects = SelfieRefusalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "code"], name="selfie_refusal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.count} x {self.code}"
