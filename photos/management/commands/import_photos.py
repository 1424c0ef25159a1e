"""`manage.py import_photos EVENT PATH…`: photos from disk into an event."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from events.models import Event
from photos import sources
from photos.images import UnusableImage
from photos.ingest import MESSAGES, ingest
from photos.sources import Source
from photos.store.faults import StoreUnavailable


class Command(BaseCommand):
    help = (
        "Import photos into an event: files, folders (with all below) and ZIP archives. "
        "Running it again adds nothing twice. Exits with 1 if any file was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's address (slug)")
        parser.add_argument("paths", metavar="PATH", nargs="+", type=Path)

    def handle(self, *, event: str, paths: list[Path], verbosity: int, **options: Any) -> None:
        found = Event.objects.filter(slug=event).first()
        if found is None:
            raise CommandError(f"There is no event with the address “{event}”.")
        accepted = known = 0
        refused: list[tuple[str, str]] = []
        files = sources.find(paths)
        for source in tqdm(files, unit="photo", file=self.stderr, disable=verbosity == 0 or None):
            try:
                if _import(found, source):
                    accepted += 1
                else:
                    known += 1
            except UnusableImage as error:
                refused.append((source.name, error.code))
            except StoreUnavailable as error:
                reason = f"{MESSAGES[error.code]} ({error.code} {error.detail})"
                raise CommandError(f"{accepted} accepted. At {source.name}: {reason}") from error
        if verbosity:
            self.stdout.write(f"{accepted} accepted, {known} already there, {len(refused)} refused")
        for name, code in refused:
            self.stderr.write(f"refused: {name}: {MESSAGES[code]} ({code})")
        if refused:
            raise CommandError(f"{len(refused)} of {len(files)} files were refused.", returncode=1)


def _import(event: Event, source: Source) -> bool:
    data = source.read(settings.PHOTO_MAX_BYTES)
    return ingest(event=event, data=data, name=source.name, uploader=None).is_new
