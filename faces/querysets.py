"""Every reusable read of faces, selfies and matches. Scope comes first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from events.models import Event
from faces.consent_models import ConsentQuerySet
from photos.querysets import GalleryQuerySet, Shown

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from faces.models import (  # noqa: F401 (used in quotes)
        Enrollment,
        FaceMatch,
        PhotoScan,
        Selfie,
    )


# How far scans are, also for counting several of these with one query.
IS_UNFINISHED = models.Q(state__in=["queued", "running"])
IS_DONE = models.Q(state="done")
IS_FAILED = models.Q(state="failed")
# Of a match: the guest answered "not sure".
IS_PUT_OFF = models.ExpressionWrapper(
    models.Q(put_off_at__isnull=False), output_field=models.BooleanField()
)


class SelfieQuerySet(models.QuerySet["Selfie"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def shown_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Those that somebody may see: their own, and those of the children they look for."""
        own = models.Q(user_id=user.pk) | models.Q(user__guardian_id=user.pk)
        return self.filter(own) if user.pk else self.none()

    def accepted(self) -> Self:
        return self.filter(state="accepted")

    def to_enroll(self, event: Event, index_name: str, kind: str) -> Self:
        """Accepted selfies of guests who consent in the event to such an index, not in it yet."""
        lacking = self._lacking(index_name, kind).filter(event=event)
        return self.filter(pk__in=lacking.values("user__selfies")).order_by("id")

    def waiting_events(self) -> list[int]:
        """Ids of events with selfies to enroll, in any index that they use."""
        from faces.models import Consent, EventIndex

        name = models.OuterRef(models.OuterRef("name"))
        in_use = EventIndex.objects.in_use().exclude(event=None)
        behind = []
        for kind in set(in_use.order_by().values_list("kind", flat=True)):
            lacking = self._lacking(name, kind).filter(event=models.OuterRef("event"))
            behind.append(in_use.filter(models.Exists(lacking), kind=kind))
        new = Consent.objects.in_force().filter(
            user__selfies__state="accepted", event__face_indexes=None
        )
        events = [rows.values_list("event", flat=True) for rows in (*behind, new)]
        return sorted({pk for ids in events for pk in ids})

    def _lacking(self, index_name: str | models.OuterRef, kind: str) -> ConsentQuerySet:
        """Consents in force to such an index, joined with each accepted selfie that it lacks."""
        from faces.models import Consent, Enrollment

        enrolled = Enrollment.objects.filter(
            event=models.OuterRef("event"),
            selfie=models.OuterRef("user__selfies"),
            index_name=index_name,
        )
        return (
            Consent.objects.in_force()
            .covering(kind)
            .filter(user__selfies__state="accepted")
            .exclude(models.Exists(enrolled))
        )


class SelfieManager(models.Manager["Selfie"]):
    def get_queryset(self) -> SelfieQuerySet:
        return SelfieQuerySet(self.model, using=self._db).defer(*self.model.columns())


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def in_event(self, event: Event, index_name: str | models.Subquery) -> Self:
        return self.filter(event=event, index_name=index_name)

    def not_looked_for(self) -> Self:
        """Enrollments of guests who came after photos were looked at, where only guests are looked
        for."""
        from faces.models import EventIndex

        in_use = EventIndex.objects.in_use().filter(event=models.OuterRef("event"))
        return self.filter(event__indexing="guests_only", searched_at=None).filter(
            models.Exists(in_use.order_by().filter(name=models.OuterRef("index_name")))
        )

    def searchable(self) -> Self:
        """Those that photos can be compared with where only guests are looked for: at a service,
        once they are in a pool."""
        return self.filter(models.Q(template__isnull=False) | ~models.Q(pool=""))


class PhotoScanQuerySet(models.QuerySet["PhotoScan"]):
    def in_event(self, event: Event, index_name: str | models.Subquery) -> Self:
        return self.filter(event=event, index_name=index_name)

    def of_kept(self, event: Event) -> Self:
        """Without those of photos in the bin, which are few, and in an index of their own."""
        from photos.models import Photo

        return self.exclude(photo__in=Photo.objects.in_event(event).binned().values("pk"))

    def current(self) -> Self:
        """The scans of any event in the index that it uses."""
        from faces.models import EventIndex

        return self.filter(index_name__in=EventIndex.objects.active().values("name"))

    def in_use(self) -> Self:
        """The scans of any event in the index that it uses, and in the one that is being built."""
        from faces.models import EventIndex

        return self.filter(index_name__in=EventIndex.objects.in_use().values("name"))

    def due(self) -> Self:
        """Those that a worker may claim now."""
        return self.filter(state="queued", available_at__lte=timezone.now())

    def running(self) -> Self:
        return self.filter(state="running")

    def unfinished(self) -> Self:
        """Those that wait or run. The condition is the partial index's."""
        return self.filter(IS_UNFINISHED)

    def are_complete(self) -> bool:
        """Whether none of them waits or runs."""
        return not self.unfinished().exists()

    def finished_since(self, at: datetime) -> Self:
        """Those that came to an end at that time or later, with or without success."""
        return self.filter(finished_at__gte=at)

    def done(self) -> Self:
        return self.filter(IS_DONE)

    def failed(self) -> Self:
        return self.filter(IS_FAILED)

    def forget_answers(self) -> None:
        """They name enrollments, of which one is about to go. Within `matching`, alone."""
        self.exclude(answered=None).update(answered=None)


class FaceMatchQuerySet(GalleryQuerySet["FaceMatch"]):
    """Those of one guest in one event are also that guest's gallery, in the order of its index."""

    photo_id = "photo_id"
    photo_prefix = "photo__"

    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(user_id=user.pk) if user.pk else self.none()

    def in_event(self, event: Event) -> Self:
        return self.filter(event=event)

    def counting(self) -> Self:
        """Matches that put a photo into My Photos: the guest's word before the machine's."""
        return self.not_denied().filter(models.Q(band="sure") | models.Q(verdict="me"))

    def questions(self) -> Self:
        """What the guest is or was asked about: "is this you?". What nobody but the guest ever saw
        was no question."""
        return self.filter(band="asked", similarity__gt=0)

    def asked(self) -> Self:
        """Questions without an answer, which is a verdict."""
        return self.filter(band="asked", verdict="")

    def open_questions(self) -> Self:
        """Those that a guest can be asked now: of a face in a published photo, under a consent in
        force."""
        from faces.models import Consent

        own = {"user": models.OuterRef("user"), "event": models.OuterRef("event")}
        consented = models.Exists(Consent.objects.in_force().filter(**own))
        return self.asked().visible().published().filter(consented, face__isnull=False)

    def likeliest_first(self) -> Self:
        """In the order of questions: those that were put off come last."""
        return self.annotate(is_put_off=IS_PUT_OFF).order_by(
            "is_put_off", "-similarity", "photo_id"
        )

    def after_question(self, is_put_off: bool, similarity: float, photo_id: int) -> Self:
        """What follows in the order of `likeliest_first`."""
        less = models.Q(similarity__lt=similarity)
        tied = models.Q(similarity=similarity, photo_id__gt=photo_id)
        return self.annotate(is_put_off=IS_PUT_OFF).filter(
            models.Q(is_put_off__gt=is_put_off) | (models.Q(is_put_off=is_put_off) & (less | tied))
        )

    def said(self) -> Self:
        """Those on which the guest has spoken."""
        return self.exclude(verdict="")

    def unsaid(self) -> Self:
        return self.filter(verdict="")

    def confirmed(self) -> Self:
        return self.filter(verdict="me")

    def denied(self) -> Self:
        return self.filter(verdict="not_me")

    def not_denied(self) -> Self:
        return self.exclude(verdict="not_me")

    def photo_ids(self, among: Sequence[Shown]) -> set[int]:
        """Which photos of a gallery page match. The page's second, separate query.

        Asks for the page's span of time: to name hundreds of ids takes longer than the rest of it.
        """
        if not among:
            return set()
        span = among[-1].taken_at, among[0].taken_at
        within = self.counting().filter(taken_at__range=span).order_by()
        return {shown.id for shown in among}.intersection(within.values_list("photo_id", flat=True))
