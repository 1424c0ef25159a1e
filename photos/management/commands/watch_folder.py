"""`manage.py watch_folder EVENT DIR`: photos into an event as they appear in a folder."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from events.models import Event
from findme.running.stop_signals import StopSignals
from photos.intake.hot_folder import HotFolder
from photos.management.commands.import_photos import open_event, said, uploader_named
from photos.store.faults import StoreUnavailable


class Command(BaseCommand):
    help = (
        "Watch a folder (with all below) and take each photo as soon as it is finished: for a "
        "camera's tethering software, or an FTP server. The files stay where they are. Ends with 0 "
        "on Ctrl-C or SIGTERM, with 1 if the folder disappears, or the event closes or is deleted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's address (slug)")
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--uploader", metavar="EMAIL", help="whose photos they are")
        parser.add_argument(
            "--settle",
            type=float,
            default=5,
            metavar="SECONDS",
            help="how long a file must stay unchanged to count as finished (5)",
        )
        parser.add_argument(
            "--every", type=float, default=2, metavar="SECONDS", help="between two looks (2)"
        )

    def handle(
        self, *, event: str, folder: Path, settle: float, every: float, **options: Any
    ) -> None:
        self.stop_signals = StopSignals()
        self.stop_signals.listen()
        hot = HotFolder(folder, open_event(event), uploader_named(options["uploader"]), settle)
        if not folder.is_dir():
            raise CommandError(f"There is no folder “{folder}”.")
        self._say(f"Watching {folder} for “{event}”; Ctrl-C ends it.")
        while not self.stop_signals.came():
            self._poll(hot)
            self.stop_signals.wait(every)
        self._say(f"Stopped: {said(hot.totals)}.")

    def _poll(self, hot: HotFolder) -> None:
        close_old_connections()
        try:
            if (event := Event.objects.kept().filter(pk=hot.event.pk).first()) is None:
                raise CommandError("The event is gone.")
            hot.event = event
            if not event.is_open(timezone.now()):
                raise CommandError("The event is closed: it takes no more photos.")
            counts = hot.poll(time.monotonic(), stopped=self.stop_signals.came)
        except FileNotFoundError as error:
            raise CommandError(f"The folder “{hot.folder}” is gone.") from error
        except (DatabaseError, InterfaceError) as error:
            # What was not taken now is taken in a later round.
            self.stderr.write(f"The database does not answer: {str(error).strip()}")
            return
        except StoreUnavailable as error:
            self.stderr.write(f"{error.words} ({error})")
            return
        if counts:
            waiting = f", {hot.unfinished} still being written" if hot.unfinished else ""
            self._say(f"{timezone.localtime():%H:%M:%S} {said(counts)}{waiting}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
