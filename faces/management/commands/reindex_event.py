"""`manage.py reindex_event EVENT`: another face index, or the newest model, for an event."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from events.commands import event_named
from events.models import Event
from faces.desk import costs
from faces.errors import IndexRefused, IndexUnavailable
from faces.finding import reindexing, scanning
from faces.index.implementations import IMPLEMENTATIONS
from faces.index.indexes import is_remote, load
from faces.index.models import EventIndex
from faces.models import PhotoScan
from faces.privacy import consenting
from findme.running.terminal import progress

# We wait this long where other processes have the last photos, or the service needs a moment.
PAUSE_SECONDS = 1
# Where nothing moved for this long, somebody must look.
STUCK_SECONDS = 300


class Command(BaseCommand):
    help = (
        "Build an event's face index anew and change to it when it is complete; guests keep "
        "their galleries meanwhile, and what they said of photos for good. Works beside running "
        "workers or alone, and goes on where it was stopped. Exits with 1 if it could not finish."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="the event's address (slug)")
        parser.add_argument(
            "--index",
            choices=sorted(IMPLEMENTATIONS),
            default=settings.FACE_INDEX,
            help="where faces are recognized from now on (default: FACE_INDEX)",
        )
        parser.add_argument(
            "--if-needed",
            action="store_true",
            help="only if the event uses another index, or an older model",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what it would do and cost")

    def handle(
        self, *, event: str, index: str, if_needed: bool, dry_run: bool, verbosity: int, **_: Any
    ) -> None:
        found = event_named(event)
        try:
            if if_needed and not self._is_needed(found, index):
                self.stdout.write(f"{event}: its {index} index is up to date.")
                return
            if dry_run:
                self._forecast(found, index)
                return
            row = reindexing.start(found, index)
            self._work(found, row, verbosity=verbosity)
        except IndexRefused as error:
            raise CommandError(f"{error.words} ({error.code})", returncode=1) from error
        except IndexUnavailable as error:
            raise CommandError(f"The face index does not answer: {error}", returncode=1) from error
        self._report(found, row)

    def _is_needed(self, event: Event, kind: str) -> bool:
        return reindexing.is_under_way(event) or reindexing.reason_to(event, kind) is not None

    def _forecast(self, event: Event, kind: str) -> None:
        forecast = costs.of_reindex(event, kind)
        self.stdout.write(
            f"{event.slug}: {forecast.photos} photos and {forecast.selfies} selfies would be "
            f"indexed by {kind}: {forecast.calls} calls, ${forecast.dollars:.2f}."
        )
        self._say_who_is_asked(event, kind)

    def _say_who_is_asked(self, event: Event, kind: str) -> None:
        asked = consenting.to_be_asked(event, kind).count()
        if asked:
            self.stdout.write(
                f"{asked} guests have not agreed to {kind}: they are asked on their next visit."
                " Until they agree, their selfies stay out of it, and they keep the photos found"
                " before."
            )

    def _work(self, event: Event, row: EventIndex, *, verbosity: int) -> None:
        """Do scans here until none is left, and the rest in between. Others may do the same."""
        index = load(row)
        if is_remote(index):
            index.make()  # a service that refuses us does so now, not photo after photo
        last = reindexing.work_left(row)
        moved_at = time.monotonic()
        with progress(
            total=last.photos, unit="photo", stream=self.stderr, verbosity=verbosity
        ) as bar:
            while not self._is_over(event, row):
                done = self._scan_next(event, row)
                left = reindexing.work_left(row)
                bar.update(left.photos - left.photos_left - bar.n)
                if left != last:
                    last, moved_at = left, time.monotonic()
                elif time.monotonic() - moved_at > STUCK_SECONDS:
                    raise CommandError(self._stuck(left), returncode=1)
                if not done:
                    time.sleep(PAUSE_SECONDS)

    def _stuck(self, left: reindexing.Work) -> str:
        return (
            f"Nothing moved for {STUCK_SECONDS} s; {left.photos_left} photos, {left.selfies_left} "
            f"selfies and {left.searches_left} searches are left. Run it again to go on."
        )

    def _scan_next(self, event: Event, row: EventIndex) -> bool:
        due = PhotoScan.objects.in_event(event, row.name).due()
        scan_id = due.order_by("pk").values_list("pk", flat=True).first()
        if scan_id is None:
            return False
        scanning.run(scan_id)
        return True

    def _is_over(self, event: Event, row: EventIndex) -> bool:
        """Over when the new index has taken over, here or in a worker."""
        row.refresh_from_db()
        if row.state == EventIndex.State.BUILDING and not reindexing.work_left(row).photos_left:
            reindexing.go_on(event)
            row.refresh_from_db()
        return row.state != EventIndex.State.BUILDING

    def _report(self, event: Event, row: EventIndex) -> None:
        scans = PhotoScan.objects.in_event(event, row.name)
        failed = scans.failed().count()
        faces = sum(scans.values_list("face_count", flat=True))
        self.stdout.write(
            f"{event.slug}: {scans.count()} photos, {faces} faces in {row.name}; {failed} failed."
        )
        self._say_who_is_asked(event, row.kind)
        if row.state == EventIndex.State.RETIRED:
            raise CommandError("Meanwhile another index was begun; this one is void.", returncode=1)
        if failed:
            raise CommandError(f"{failed} photos failed.", returncode=1)
