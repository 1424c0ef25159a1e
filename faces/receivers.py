"""What the face room does when another room reports something."""

from typing import Any

from django.dispatch import receiver

from faces import scanning
from photos.models import Photo
from photos.signals import photo_accepted


@receiver(photo_accepted)
def queue_scan_of_accepted_photo(sender: type[Photo], photo: Photo, **kwargs: Any) -> None:
    scanning.queue_scan(photo)
