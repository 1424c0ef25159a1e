"""`manage.py import_photos EVENT PATH…`: photos from disk into an event."""

from __future__ import annotations

import logging
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from events.commands import event_named
from events.models import Event, User
from findme.refusals import words_of
from findme.running.terminal import Terminal, plain, progress
from photos import sections
from photos.imaging.images import UnusableImage
from photos.intake import ingest, sources
from photos.intake.archives import Source
from photos.intake.ingest import UploadNotAllowed
from photos.intake.outcomes import Outcome, Tally
from photos.store.faults import StoreUnavailable

INTERRUPTED = 130  # as shells say of Ctrl-C
# Of the files that are refused for one reason.
NAMES_TOLD = 3


class Command(BaseCommand):
    help = (
        "Import photos into an event: files, folders (with all below) and ZIP archives. "
        "Running it again adds nothing twice. Exits with 0 if every photo is in the event, with 1 "
        "if any was refused, with 130 if interrupted; run it again to go on. Videos and files that "
        "are no pictures are named, and count only with --strict."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's address (slug)")
        parser.add_argument("paths", metavar="PATH", nargs="+", type=a_path)
        parser.add_argument("--uploader", metavar="EMAIL", help="whose photos they are")
        parser.add_argument(
            "--sections", action="store_true", help="folders’ names become sections of the event"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="import nothing, and say of each file what would become of it",
        )
        parser.add_argument(
            "--strict", action="store_true", help="exit with 1 if any file was refused"
        )

    def handle(self, *, paths: list[Path], verbosity: int, **options: Any) -> None:
        event = open_event(options["event"])
        importing = _Import(
            event, uploader_named(options["uploader"]), by_folder=options["sections"]
        )
        take = importing.look_at if options["dry_run"] else importing.take
        tally, found = importing.tally, sources.find(paths)
        total = sum(1 for _ in sources.find(paths))
        bar = progress(found, total=total, unit="photo", stream=self.stderr, verbosity=verbosity)
        try:
            with _logging(each=verbosity > 1):
                for source in bar:
                    take(source)
                    if verbosity > 1 and importing.refused:
                        self._tell(f"refused: {importing.refused}")
        except KeyboardInterrupt:
            self._tell_refused(tally)
            said_so_far = f"Interrupted: {said(tally.counts())}."
            raise CommandError(said_so_far, returncode=INTERRUPTED) from None
        except StoreUnavailable as error:
            self._tell_refused(tally)
            reason = f"{error.words} ({error})"
            raise CommandError(
                f"{said(tally.counts())}. At {plain(source.name)}: {reason}"
            ) from error
        if options["dry_run"] and verbosity:
            self._list(tally)
        else:
            self._tell_refused(tally)
        if verbosity:
            self.stdout.write(said(tally.counts()))
        refused = tally.counts()[Outcome.REFUSED]
        if refused and (options["strict"] or tally.missing()):
            raise CommandError(f"{refused} of {total} files were refused.", returncode=1)

    def _tell_refused(self, tally: Tally) -> None:
        """A line for each reason, with some of the names."""
        for code, names in tally.of(Outcome.REFUSED):
            some = ", ".join(map(plain, names[:NAMES_TOLD]))
            more = f" and {len(names) - NAMES_TOLD} more" if len(names) > NAMES_TOLD else ""
            count = f"{len(names)} files" if len(names) > 1 else "1 file"
            self._tell(f"refused: {count}: {words_of(code)} ({code}): {some}{more}")

    def _tell(self, line: str) -> None:
        tqdm.write(line, file=Terminal(self.stderr))

    def _list(self, tally: Tally) -> None:
        """Every file, by what would become of it."""
        for outcome in Outcome:
            for about, names in tally.of(outcome):
                reason = f"{words_of(about)} ({about})" if outcome == Outcome.REFUSED else about
                title = f"{outcome.label}: {reason}" if reason else str(outcome.label)
                self.stdout.write(f"{title}: {len(names)}")
                for name in names:
                    self.stdout.write(f"    {plain(name)}")


@contextmanager
def _logging(*, each: bool) -> Iterator[None]:
    """With a line for each file, or without: at the end one says it of all of a kind."""
    log_of_files = logging.getLogger("photos.intake.ingest")
    before = log_of_files.level
    if not each:
        log_of_files.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log_of_files.setLevel(before)


class _Import:
    """`refused`: what is said of the last file, if it was refused."""

    def __init__(self, event: Event, uploader: User | None, *, by_folder: bool) -> None:
        self.event = event
        self.uploader = uploader
        self.by_folder = by_folder
        self.tally = Tally()
        self.refused = ""
        self._seen: set[str] = set()

    def take(self, source: Source) -> None:
        with self._noting(source):
            data = ingest.read(source, self.event)
            taken = ingest.ingest(
                event=self.event, data=data, name=source.name, uploader=self.uploader
            )
            if taken.is_new and self.by_folder:
                sections.file_under(taken.photo, sections.folder_of(source.name), by=None)
            self.tally.note(taken.outcome, source.name)

    def look_at(self, source: Source) -> None:
        """What `take` would do, without doing it."""
        with self._noting(source):
            data = source.read(settings.PHOTO_MAX_BYTES)
            found = ingest.look(self.event, data, source.name)
            is_known = found.is_known or found.sha256 in self._seen
            self._seen.add(found.sha256)
            outcome = Outcome.KNOWN if is_known else Outcome.ACCEPTED
            self.tally.note(outcome, source.name, "" if is_known else found.format_name)

    @contextmanager
    def _noting(self, source: Source) -> Iterator[None]:
        self.refused = ""
        try:
            yield
        except (UnusableImage, UploadNotAllowed) as error:
            self.refused = f"{plain(source.name)}: {error.words} ({error.code})"
            self.tally.note(Outcome.REFUSED, source.name, error.code)


def a_path(written: str) -> Path:
    """Nothing, as of a variable that is not set, is not the folder one is in."""
    if not written:
        raise ArgumentTypeError("a path is empty")
    return Path(written)


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
