"""The face indexes' own rows: which index an event has, and what a remote one was asked."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event


class EventIndexQuerySet(models.QuerySet["EventIndex"]):
    def in_event(self, event: Event) -> EventIndexQuerySet:
        return self.filter(event=event)

    def active(self) -> EventIndexQuerySet:
        return self.filter(state=EventIndex.State.ACTIVE)

    def building(self) -> EventIndexQuerySet:
        return self.filter(state=EventIndex.State.BUILDING)

    def in_use(self) -> EventIndexQuerySet:
        """New photos and selfies go into these; the active one comes first."""
        return self.filter(state__in=["active", "building"]).order_by("state")

    def unneeded(self) -> EventIndexQuerySet:
        """Replaced by another index, or left behind by a deleted event."""
        return self.filter(models.Q(event=None) | models.Q(state=EventIndex.State.RETIRED))


class EventIndex(models.Model):
    """A face index of an event. Its name marks every scan, face and enrollment that it made.

    Two templates are compared only within one name. When an event's index is to be another, the
    new one is built beside the active one, and takes its place when it is complete. A row whose
    event is gone is what remains to be removed: deleting an event cannot forget a collection.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("in use")
        BUILDING = "building", _("being built")
        RETIRED = "retired", _("replaced")

    event = models.ForeignKey(
        Event, on_delete=models.SET_NULL, null=True, related_name="face_indexes"
    )
    kind = models.CharField(max_length=100)
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    # Which model makes its templates.
    model_version = models.CharField(max_length=60, blank=True)
    # When a remote collection was made, and last compared with our rows.
    made_at = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventIndexQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="event_index_name_once"),
            models.UniqueConstraint(
                fields=["event"],
                condition=models.Q(state="active"),
                name="event_index_one_active",
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=models.Q(state="building"),
                name="event_index_one_building",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of event {self.event_id}: {self.state}"


class FaceSimilarity(models.Model):
    """What a remote index answered: how like an enrolled selfie a face in a photo is, or how like
    one of the surest faces of the enrollment's guest (`anchor`).

    Kept down to a similarity below the event's threshold, so that moving the threshold, showing
    what it would change and matching again ask nothing of the service.
    """

    enrollment = models.ForeignKey(
        "faces.Enrollment", on_delete=models.CASCADE, related_name="similarities"
    )
    face = models.ForeignKey("faces.Face", on_delete=models.CASCADE, related_name="similarities")
    anchor = models.ForeignKey("faces.Face", on_delete=models.CASCADE, null=True, related_name="+")
    similarity = models.FloatField()

    class Meta:
        constraints = [
            # Without an anchor once too: an answer replaces the one before.
            models.UniqueConstraint(
                fields=["enrollment", "face", "anchor"],
                nulls_distinct=False,
                name="face_similarity_once",
            ),
            models.CheckConstraint(
                condition=models.Q(similarity__gte=0, similarity__lte=100),
                name="face_similarity_within_0_100",
            ),
        ]

    def __str__(self) -> str:
        return f"face {self.face_id} like enrollment {self.enrollment_id}"


class AnchorQuerySet(models.QuerySet["Anchor"]):
    def in_event(self, event: Event, index_name: str) -> AnchorQuerySet:
        return self.filter(enrollment__event=event, enrollment__index_name=index_name)


class Anchor(models.Model):
    """One of the surest faces of an enrollment's guest, of which a remote index is asked what else
    is like it. Which faces are anchors, `faces.finding.answers` says.

    By the database's clock, faces indexed before `searched_at` were compared with it, down to the
    similarity `searched_at_least`. Without a face: its photo went, and the guest needs another.
    """

    enrollment = models.ForeignKey(
        "faces.Enrollment", on_delete=models.CASCADE, related_name="anchors"
    )
    face = models.ForeignKey(
        "faces.Face", on_delete=models.SET_NULL, null=True, related_name="anchors"
    )
    searched_at = models.DateTimeField(null=True)
    searched_at_least = models.FloatField(null=True)

    objects = AnchorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "face"], name="anchor_once"),
        ]

    def __str__(self) -> str:
        return f"anchor {self.face_id} of enrollment {self.enrollment_id}"


class RemoteRemovalQuerySet(models.QuerySet["RemoteRemoval"]):
    def due(self) -> RemoteRemovalQuerySet:
        return self.filter(not_before__lte=timezone.now())


class RemoteRemoval(models.Model):
    """A face or a pool to be deleted from a remote collection, until the service confirms it.

    Written by triggers on the rows that name it, in the transaction that deletes them: whichever
    way a row goes, what it names is not forgotten. With neither: work on the collection was
    abandoned, and what it left there must be looked for.
    """

    index_name = models.CharField(max_length=80)
    remote_face_id = models.CharField(max_length=64, blank=True)
    pool = models.CharField(max_length=80, blank=True)
    not_before = models.DateTimeField(db_default=Now())

    objects = RemoteRemovalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["index_name"], name="remote_removal_index")]

    def __str__(self) -> str:
        return f"removal {self.pk} from {self.index_name}"


class RemoteCalls(models.Model):
    """How often an operation of the remote service was answered for an event on a day (UTC)."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="remote_calls")
    operation = models.CharField(max_length=40)
    day = models.DateField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "operation", "day"], name="remote_calls_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.operation}"


class CallLimit(models.Model):
    """When the next call of an account's quota may start: one row for all processes and hosts."""

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


def new_collection_id(prefix: str, event: Event) -> str:
    """Unguessable in part, so that a copy of the database starts no second life in a collection."""
    return f"{prefix}-{event.pk}-{secrets.token_hex(5)}"
