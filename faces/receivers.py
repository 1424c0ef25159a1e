"""What the face room does when another room reports something."""

from typing import Any

from django.dispatch import receiver

from faces import erasing, scanning
from photos.models import Photo
from photos.signals import photo_accepted, photos_removing


@receiver(photo_accepted)
def queue_scan_of_accepted_photo(sender: type[Photo], photo: Photo, **kwargs: Any) -> None:
    scanning.queue_scan(photo)


@receiver(photos_removing)
def forget_faces_of_removed_photos(
    sender: type[Photo], photo_ids: list[int], **kwargs: Any
) -> None:
    erasing.forget_photos(photo_ids)
