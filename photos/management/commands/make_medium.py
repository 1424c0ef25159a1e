"""`manage.py make_medium`: the medium size of photos that were made ready before there was one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from findme.terminal import progress
from photos.imaging.images import UnusableImage
from photos.intake import publishing
from photos.management.commands.move_media import event_of, needs_bucket
from photos.store.contract import S3
from photos.store.faults import PictureMissing, StoreUnavailable


class Command(BaseCommand):
    help = (
        "Make the medium size (960 px) that older photos lack, out of their previews, in the "
        "database and in the bucket. Galleries are served all the while. Running it again goes on "
        "where it stopped. Exits with 1 if anything still lacks it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--event", help="only the photos of the event with this address (slug)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *, event: str | None, dry_run: bool, verbosity: int, **options: Any) -> None:
        photos = publishing.without_medium(event_of(event))
        if dry_run:
            self.stdout.write(f"{photos.count()} photos lack the medium size")
            return
        if photos.filter(store=S3).exists():
            needs_bucket()
        ids = list(photos.order_by("pk").values_list("pk", flat=True))
        made, failed = 0, 0
        for photo_id in progress(ids, unit="photo", stream=self.stderr, verbosity=verbosity):
            try:
                made += self._make(photo_id)
            except (PictureMissing, UnusableImage) as error:
                failed += 1
                self.stderr.write(f"photo {photo_id}: {error} ({type(error).__name__})")
        if verbosity:
            self.stdout.write(f"{made} made, {failed} not")
        if failed:
            raise CommandError(f"{failed} photos still lack the medium size.", returncode=1)

    def _make(self, photo_id: int) -> bool:
        try:
            return publishing.add_medium(photo_id)
        except StoreUnavailable as error:
            reason = f"{error.words} ({error})"
            raise CommandError(
                f"Stopped at photo {photo_id}: {reason} Run the command again."
            ) from error
