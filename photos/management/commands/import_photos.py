"""`manage.py import_photos EVENT PATH…`: photos from disk into an event."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from events.commands import event_named
from events.models import Event, User
from findme.running.terminal import Terminal, progress
from photos import sections
from photos.imaging.images import UnusableImage
from photos.intake import ingest, sources
from photos.intake.archives import Source
from photos.intake.ingest import UploadNotAllowed
from photos.intake.outcomes import Outcome
from photos.store.faults import StoreUnavailable

INTERRUPTED = 130  # as shells say of Ctrl-C


class Command(BaseCommand):
    help = (
        "Import photos into an event: files, folders (with all below) and ZIP archives. "
        "Running it again adds nothing twice. Exits with 0 if every file is in the event, with 1 "
        "if any was refused, with 130 if interrupted; run it again to go on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's address (slug)")
        parser.add_argument("paths", metavar="PATH", nargs="+", type=Path)
        parser.add_argument("--uploader", metavar="EMAIL", help="whose photos they are")
        parser.add_argument(
            "--sections", action="store_true", help="folders’ names become sections of the event"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check every file, and import none"
        )

    def handle(self, *, paths: list[Path], verbosity: int, dry_run: bool, **options: Any) -> None:
        event = open_event(options["event"])
        uploader = uploader_named(options["uploader"])
        by_folder = options["sections"]
        total = sum(1 for _ in sources.find(paths))
        counts: Counter[Outcome] = Counter()
        found = sources.find(paths)
        bar = progress(found, total=total, unit="photo", stream=self.stderr, verbosity=verbosity)
        try:
            for source in bar:
                counts[
                    self._take(event, source, uploader, dry_run=dry_run, by_folder=by_folder)
                ] += 1
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted: {said(counts)}.", returncode=INTERRUPTED) from None
        except StoreUnavailable as error:
            reason = f"{error.words} ({error})"
            raise CommandError(f"{said(counts)}. At {source.name}: {reason}") from error
        if verbosity:
            self.stdout.write(said(counts))
        if refused := counts[Outcome.REFUSED]:
            raise CommandError(f"{refused} of {counts.total()} files were refused.", returncode=1)

    def _take(
        self,
        event: Event,
        source: Source,
        uploader: User | None,
        *,
        dry_run: bool,
        by_folder: bool,
    ) -> Outcome:
        try:
            if dry_run:
                data = source.read(settings.PHOTO_MAX_BYTES)
                is_known = ingest.would_know(event, data, source.name)
                return Outcome.KNOWN if is_known else Outcome.ACCEPTED
            data = ingest.read(source, event)
            taken = ingest.ingest(event=event, data=data, name=source.name, uploader=uploader)
            if taken.is_new and by_folder:
                sections.file_under(taken.photo, sections.folder_of(source.name), by=None)
        except (UnusableImage, UploadNotAllowed) as error:
            line = f"refused: {source.name}: {error.words} ({error.code})"
            tqdm.write(line, file=Terminal(self.stderr))
            return Outcome.REFUSED
        return taken.outcome


def open_event(slug: str) -> Event:
    """Raises `CommandError` where there is none, or it takes no more photos."""
    event = event_named(slug)
    if not event.is_open(timezone.now()):
        raise CommandError(f"The event “{slug}” is closed: it takes no more photos.")
    return event


def uploader_named(email: str | None) -> User | None:
    if email is None:
        return None
    user = User.objects.with_email(email)
    if user is None:
        raise CommandError(f"There is no account with the address “{email}”.")
    return user


def said(counts: Counter[Outcome]) -> str:
    return ", ".join(f"{counts[outcome]} {outcome.label}" for outcome in Outcome)
