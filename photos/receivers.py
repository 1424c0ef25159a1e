"""What photos do when Django reports that rows with pictures, or people, are deleted."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, pre_delete

from events.desk.registry import event_copied
from events.models import Event, User
from findme import jobs
from photos.desk_models import Section
from photos.gallery import versions
from photos.intake import guest_upload, upload_log
from photos.store.contract import S3
from photos.store.models import StoredPictures, holders


def connect() -> None:
    """Listen to those models alone: a receiver for all would cost every model its fast deletes."""
    for model in holders():
        post_delete.connect(remove_objects_soon, sender=model)
    pre_delete.connect(part_with_photos, sender=User)
    post_delete.connect(forget_person, sender=User)
    event_copied.connect(copy_sections, sender=Event)


def remove_objects_soon(
    sender: type[StoredPictures], instance: StoredPictures, origin: Any = None, **kwargs: Any
) -> None:
    """Enqueue what empties folders, in the transaction that deletes their rows, once.

    A trigger notes the folders. This only spares waiting for the next sweep, which also finds
    those of deletions that Django does not see.
    """
    if instance.store == S3 and not getattr(origin, "removal_enqueued", False):
        jobs.enqueue("remove_objects", 0)
        if origin is not None:
            origin.removal_enqueued = True


def part_with_photos(sender: type[User], instance: User, **kwargs: Any) -> None:
    guest_upload.part_with_all(instance)


def forget_person(sender: type[User], instance: User, **kwargs: Any) -> None:
    versions.forget_guest(instance.pk)
    upload_log.forget(instance.pk)


def copy_sections(sender: type[Event], event: Event, source: Event, **kwargs: Any) -> None:
    """An event that is made like another one has its parts, empty."""
    sections = Section.objects.filter(event=source).values_list("name", "position")
    Section.objects.bulk_create(
        [Section(event=event, name=name, position=position) for name, position in sections]
    )
