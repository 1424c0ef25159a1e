"""`manage.py export_event EVENT FOLDER`: all originals of an event, untouched, onto this disk."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events import audit
from events.commands import event_named
from events.models import Event, User
from findme.running.terminal import progress
from photos.export import choice, folders, originals
from photos.export.folders import Written
from photos.models import Section
from photos.querysets import PhotoQuerySet
from photos.store.faults import StoreUnavailable

INTERRUPTED = 130  # as shells say of Ctrl-C
SIZE = re.compile(r"(\d{1,4})(mb|gb)", re.IGNORECASE)
UNITS = {"mb": 10**6, "gb": 10**9}


def size(text: str) -> int:
    """`500MB` or `2GB`, as bytes."""
    found = SIZE.fullmatch(text.strip())
    byte_count = int(found[1]) * UNITS[found[2].lower()] if found else 0
    if not 0 < byte_count <= originals.MOST_BYTES:
        raise ArgumentTypeError("a size from 1MB to 4GB, such as 500MB or 2GB")
    return byte_count


class Command(BaseCommand):
    help = (
        "Write the originals of an event into a folder, byte for byte, with a table of names, "
        "times and photographers (photos.csv). Running it again goes on: what is there and whole "
        "is left as it is. Exits with 0 if every original is there, with 1 if any is not, with 130 "
        "if interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's address (slug)")
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        parser.add_argument(
            "--zip", metavar="SIZE", type=size, help="as ZIP archives of 500MB, 2GB …, 4GB at most"
        )
        parser.add_argument("--section", metavar="NAME", help="only photos of that section")
        parser.add_argument(
            "--favourites-of", metavar="EMAIL", help="only what that person gave a heart"
        )
        parser.add_argument("--ids", metavar="ID", type=int, nargs="+", help="only these photos")
        parser.add_argument(
            "--without-hidden",
            action="store_true",
            help="leave out what guests do not see: hidden, or not published",
        )

    def handle(self, *, folder: Path, verbosity: int, **options: Any) -> None:
        event = event_named(options["event"])
        found = originals.of(event, _photos(event, options))
        if not found:
            raise CommandError("There are no such photos.")
        written = Written()
        total = originals.bytes_of(found)
        bar = progress(total=total, unit="B", stream=self.stderr, verbosity=verbosity)
        bar.unit_scale = True
        tell: folders.Tell = bar.update
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with bar:
                if options["zip"]:
                    most = options["zip"]
                    folders.write_archives(event.slug, found, most, folder, written, tell)
                else:
                    folders.write_files(found, folder, written, tell)
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted: {_said(written)}.", returncode=INTERRUPTED) from None
        except StoreUnavailable as error:
            raise CommandError(f"{_said(written)}. {error.words} ({error})") from error
        except OSError as error:
            raise CommandError(f"{_said(written)}. {error}") from error
        finally:  # what left is in the log, however it ended
            if count := written.new + written.there:
                audit.record(event, "originals_exported", by=None, count=count)
        self._report(written, verbosity)

    def _report(self, written: Written, verbosity: int) -> None:
        for path, problem in written.problems:
            self.stderr.write(f"not exported: {path}: {problem.words} ({problem.code})")
        if verbosity:
            self.stdout.write(_said(written))
        if written.problems:
            raise CommandError(f"{len(written.problems)} originals are not there.", returncode=1)


def _photos(event: Event, options: dict[str, Any]) -> PhotoQuerySet:
    """Raises `CommandError` where what is named is not there."""
    photos = originals.exportable(event, unseen=not options["without_hidden"])
    if (name := options["section"]) is not None:
        section = Section.objects.filter(event=event, name=name).first()
        if section is None:
            raise CommandError(f"The event has no section “{name}”.")
        photos = photos.filter(section=section)
    if (email := options["favourites_of"]) is not None:
        user = User.objects.with_email(email)
        if user is None:
            raise CommandError(f"There is no account with the address “{email}”.")
        photos = choice.favourites_of(user, photos)
    if (ids := options["ids"]) is not None:
        photos = photos.filter(pk__in=ids)
    return photos


def _said(written: Written) -> str:
    return f"{written.new} exported, {written.there} already there"
