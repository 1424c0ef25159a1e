"""`manage.py retry_failed [EVENT]`: look again at the photos that could not be looked at."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count

from events.commands import event_named
from faces.finding import scanning
from faces.models import PhotoScan
from findme.refusals import words_of
from photos.models import Photo


class Command(BaseCommand):
    help = (
        "Queue the failed photos again, of one event or of all: after a repair, or an upgrade "
        "that reads more kinds of picture. Safe to repeat. Exits with 0; with 1 if there is no "
        "such event."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", nargs="?", help="its address (slug)")
        parser.add_argument("--code", help="only those that failed with this code")
        parser.add_argument("--dry-run", action="store_true", help="say which, and change nothing")

    def handle(self, *, event: str | None, code: str | None, dry_run: bool, **options: Any) -> None:
        failed = PhotoScan.objects.in_use().failed()
        if event is not None:
            failed = failed.filter(event=event_named(event))
        if code is not None:
            failed = failed.filter(failure_code=code)
        by_code = failed.values_list("failure_code").annotate(count=Count("photo", distinct=True))
        if not by_code:
            self.stdout.write("No photo has failed.")
            return
        for name, count in by_code.order_by("-count"):
            self.stdout.write(f"{count} failed: {words_of(name)} ({name})")
        if dry_run:
            return
        photos = Photo.objects.filter(pk__in=failed.values("photo"))
        self.stdout.write(f"{scanning.retry_failed(photos)} queued again")
