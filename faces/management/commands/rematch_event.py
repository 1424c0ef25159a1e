"""`manage.py rematch_event EVENT…`: match all guests with all photos again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from events import audit
from events.commands import events_named
from events.models import Event
from faces.desk import threshold
from faces.finding import renewing, scanning, searching
from faces.models import FaceMatch, Rematch
from findme.running.terminal import progress


class Command(BaseCommand):
    help = (
        "Match the guests of events with all their photos again, as after a change of threshold. "
        "What guests said of a photo stays. An event that looks only for its guests keeps no other "
        "faces: there all photos are queued to be looked at again. Running it again changes "
        "nothing more. Ended by Ctrl-C, it leaves the rest to the workers. Exits with 1 if "
        "an event is unknown; then nothing is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", metavar="EVENT", nargs="*", help="addresses (slugs)")
        parser.add_argument("--all", action="store_true", help="every event")
        parser.add_argument(
            "--cancel",
            action="store_true",
            help="end matching anew that is under way; a threshold that was changed goes back",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        events = _chosen(options["events"], everything=options["all"])
        verbosity = options["verbosity"]
        for event in events:
            with progress(unit="guest", stream=self.stderr, verbosity=verbosity) as bar:
                summary = _done(event, bar, **options)
            if verbosity:
                self.stdout.write(f"{event.slug}: {summary}")


def _chosen(slugs: list[str], *, everything: bool) -> list[Event]:
    if everything == bool(slugs):
        raise CommandError("Name events, or use --all.", returncode=2)
    return list(Event.objects.kept().order_by("pk")) if everything else events_named(slugs)


def _done(event: Event, bar: tqdm[Any], *, dry_run: bool, cancel: bool, **options: Any) -> str:
    if cancel:
        return _plan_to_cancel(event) if dry_run else _cancel(event)
    return _plan(event) if dry_run else _rematch(event, bar)


def _cancel(event: Event) -> str:
    found = threshold.cancel(event)
    if found is None:
        return "nothing was under way"
    audit.record(event, "rematch_cancelled", by=None)
    if found.before is None:
        return f"cancelled, {found.done} of {found.total} guests are matched"
    return f"the threshold goes back to {found.before:g}; workers match those who had the other"


def _plan_to_cancel(event: Event) -> str:
    found = Rematch.objects.of(event).first()
    if found is None:
        return "nothing is under way"
    back = "" if found.before is None else f"; the threshold would go back to {found.before:g}"
    return f"would cancel at {found.done} of {found.total} guests{back}"


def _plan(event: Event) -> str:
    count = FaceMatch.objects.in_event(event).count()
    return f"would match again at {event.match_threshold:g}; {count} matches now"


def _rematch(event: Event, bar: tqdm[Any]) -> str:
    before = FaceMatch.objects.in_event(event).count()
    audit.record(event, "rematched", by=None)

    def draw(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    queued: list[int] = []

    def look_again() -> None:
        if not searching.is_enough_kept(event):
            queued.append(scanning.scan_again(event))

    try:
        is_done = renewing.match_everybody(event, report=draw, before_end=look_again)
    except KeyboardInterrupt:
        renewing.leave(event)
        bar.close()
        raise CommandError(
            f"{event.slug}: {bar.n} of {bar.total} guests are matched; workers go on.",
            returncode=130,
        ) from None
    if not is_done:
        return "begun anew by somebody else meanwhile; a worker goes on"
    if queued:
        return f"{queued[0]} photos queued to be looked at again"
    after = FaceMatch.objects.in_event(event).count()
    return f"{before} matches before, {after} now (threshold {event.match_threshold:g})"
