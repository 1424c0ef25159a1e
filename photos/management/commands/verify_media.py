"""`manage.py verify_media`: whether everything accepted is still there, byte for byte."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from events.commands import event_of
from findme.running.terminal import progress
from photos.store import emptying, removals, verifying
from photos.store.faults import StoreUnavailable


class Command(BaseCommand):
    help = (
        "Read every stored picture and compare it with what was accepted; list objects in the "
        "bucket that belong to nothing. Exits with 1 if anything is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--event", help="only the photos of the event with this address (slug)")
        parser.add_argument(
            "--remove-orphans", action="store_true", help="remove objects that belong to nothing"
        )

    def handle(
        self, *, event: str | None, remove_orphans: bool, verbosity: int, **options: Any
    ) -> None:
        try:
            problems = self._problems(event_of(event), verbosity)
            orphans = 0 if event else self._orphans(remove_orphans)
        except StoreUnavailable as error:
            raise CommandError(f"{error.words} ({error})", returncode=2) from error
        if problems or orphans:
            wrong = f"{problems} pictures are wrong, {orphans} folders belong to nothing."
            raise CommandError(wrong, returncode=1)

    def _problems(self, event_id: int | None, verbosity: int) -> int:
        rows = list(verifying.to_read(event_id))
        count = 0
        for model, pk in progress(rows, unit="row", stream=self.stderr, verbosity=verbosity):
            for problem in verifying.problems(model, pk):
                count += 1
                self.stderr.write(f"wrong: {problem}")
        self.stdout.write(f"{len(rows)} rows read, {count} pictures wrong")
        return count

    def _orphans(self, remove: bool) -> int:
        """How many are left."""
        if not settings.BUCKET["bucket_name"]:
            return 0
        found = sorted(verifying.orphans())
        for folder in found:
            self.stdout.write(f"belongs to nothing: {folder}")
        if not remove:
            return len(found)
        removals.request(found)
        self.stdout.write(f"{emptying.drain()} folders emptied")
        return 0
