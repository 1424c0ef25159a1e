"""What the face room does when another room reports something."""

from collections import Counter
from typing import Any

from django.dispatch import receiver

from events.desk.registry import threshold_changed
from events.entrance.proof import taken_back
from events.models import Event, User
from faces.finding import comparing, matching, reindexing, renewing, scanning, tidying
from faces.models import GuestModel
from faces.privacy import withdrawal
from photos.models import Photo
from photos.signals import photo_accepted, photos_removing, photos_restored, times_changing


@receiver(photo_accepted)
def queue_scan_of_accepted_photo(sender: type[Photo], photo: Photo, **kwargs: Any) -> None:
    scanning.queue_scan(photo)


@receiver(photos_removing)
def tidy_after_removed_photos(sender: type[Photo], photo_ids: list[int], **kwargs: Any) -> None:
    """Triggers remember the faces that go; this is for those that a scan is making just now.

    Of an event that goes itself, the whole index is removed when its last photo has gone.
    """
    for event in Event.objects.undeleted().filter(photos__in=photo_ids).order_by("pk").distinct():
        # Nobody makes a model of these faces until they are gone.
        with matching.matching(event.pk, with_others=True):
            GuestModel.objects.filter(pk__in=comparing.touched(event, photo_ids)).mark_stale()
        tidying.ask_for(event)


@receiver(photos_restored)
def look_at_restored_photos(sender: type[Photo], photo_ids: list[int], **kwargs: Any) -> None:
    """An index that was built while they were in the bin has not looked at them."""
    for event in Event.objects.filter(photos__in=photo_ids).order_by("pk").distinct():
        reindexing.queue_scans_of_restored(event, photo_ids)


@receiver(times_changing)
def match_nobody_while_times_change(sender: type[Photo], event: Event, **kwargs: Any) -> None:
    """A match keeps its photo's time: one that is made now would keep the old one."""
    with matching.matching(event.pk, with_others=False):  # held until the commit
        pass


@receiver(threshold_changed)
def match_with_the_new_threshold(
    sender: type[Event], event: Event, before: float, **kwargs: Any
) -> None:
    renewing.start(event, before=before)


@receiver(taken_back)
def remove_what_was_made_without_proof(
    sender: type[User], user: User, removed: Counter[str], **kwargs: Any
) -> None:
    """With photos too, so that one receipt names all of it."""
    removed.update(withdrawal.take_back(user))
