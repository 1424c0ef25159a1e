"""`manage.py move_media --to s3|database`: every picture from one store to the other."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from events.commands import event_of
from findme.running.terminal import progress
from photos.store import moving
from photos.store.configured import storage
from photos.store.contract import DATABASE, S3
from photos.store.faults import PictureSpoilt, StoreUnavailable
from photos.store.models import StoredPictures


class Command(BaseCommand):
    help = (
        "Move pictures to the bucket or to the database, one row at a time. Galleries "
        "are served all the while. Running it again goes on where it stopped. A source is given "
        "up only after its copy was read back and compared. Exits with 1 if anything stayed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", choices=[S3, DATABASE], required=True)
        parser.add_argument("--event", help="only the photos of the event with this address (slug)")
        parser.add_argument("--dry-run", action="store_true", help="only say how much there is")

    def handle(
        self, *, to: str, event: str | None, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        work = list(moving.to_move(to, event_of(event)))
        if dry_run:
            for model, pks in work:
                self.stdout.write(f"{len(pks)} {model._meta.verbose_name_plural} to move to {to}")
            return
        rows = [(model, pk) for model, pks in work for pk in pks]
        if rows:
            needs_bucket()
        moved, failed = 0, 0
        for model, pk in progress(rows, unit="row", stream=self.stderr, verbosity=verbosity):
            try:
                moved += self._move(model, pk, to)
            except PictureSpoilt as error:
                failed += 1
                self.stderr.write(f"stays: {error.picture}: {error.words} ({error.code})")
        if verbosity:
            self.stdout.write(f"{moved} moved to {to}, {failed} stay")
        if failed:
            raise CommandError(f"{failed} rows stay where they are.", returncode=1)

    def _move(self, model: type[StoredPictures], pk: int, to: str) -> bool:
        try:
            return moving.move(model, pk, to)
        except StoreUnavailable as error:
            reason = f"{error.words} ({error})"
            raise CommandError(
                f"Stopped at {model._meta.label_lower} {pk}: {reason} Run the command again."
            ) from error


def needs_bucket() -> None:
    """Either end of the way is a bucket."""
    try:
        storage()
    except ImproperlyConfigured as error:
        raise CommandError(f"{error} See docs/operations.md.") from error
