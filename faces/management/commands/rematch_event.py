"""`manage.py rematch_event EVENT…`: match all guests with all photos again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events import audit
from events.commands import events_named
from events.models import Event
from faces.finding import renewing, scanning, searching
from faces.models import FaceMatch
from findme.running.terminal import progress


class Command(BaseCommand):
    help = (
        "Match the guests of events with all their photos again, as after a change of threshold. "
        "What guests said of a photo stays. An event that looks only for its guests keeps no other "
        "faces: there all photos are queued to be looked at again. Running it again changes "
        "nothing more. Exits with 1 if an event is unknown; then nothing is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", metavar="EVENT", nargs="*", help="addresses (slugs)")
        parser.add_argument("--all", action="store_true", help="every event")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        events = _chosen(options["events"], everything=options["all"])
        verbosity = options["verbosity"]
        for event in progress(events, unit="event", stream=self.stderr, verbosity=verbosity):
            summary = _plan(event) if options["dry_run"] else _rematch(event)
            if verbosity:
                self.stdout.write(f"{event.slug}: {summary}")


def _chosen(slugs: list[str], *, everything: bool) -> list[Event]:
    if everything == bool(slugs):
        raise CommandError("Name events, or use --all.", returncode=2)
    return list(Event.objects.kept().order_by("pk")) if everything else events_named(slugs)


def _plan(event: Event) -> str:
    count = FaceMatch.objects.in_event(event).count()
    return f"would match again at {event.match_threshold:g}; {count} matches now"


def _rematch(event: Event) -> str:
    before = FaceMatch.objects.in_event(event).count()
    audit.record(event, "rematched", by=None)
    renewing.match_everybody(event)
    if not searching.is_enough_kept(event):
        return f"{scanning.scan_again(event)} photos queued to be looked at again"
    after = FaceMatch.objects.in_event(event).count()
    return f"{before} matches before, {after} now (threshold {event.match_threshold:g})"
