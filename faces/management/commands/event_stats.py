"""`manage.py event_stats [EVENT…]`: events in figures."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from events.commands import events_named
from events.models import Event
from faces.desk import figures
from faces.finding import progress


class Command(BaseCommand):
    help = (
        "Print what belongs to events: photos, guests, selfies, faces, matches, and how far the "
        "photos are looked at. Changes nothing. Exits with 1 if an event is unknown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", metavar="EVENT", nargs="*", help="addresses; none: all")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        events = events_named(options["events"]) or Event.objects.kept()
        for event in sorted(events, key=lambda event: (event.starts_on, event.pk)):
            row = _figures(event)
            self.stdout.write(json.dumps(row) if options["json"] else _line(row))


def _figures(event: Event) -> dict[str, str | int]:
    scans = progress.of_event(event)
    return {
        "event": event.slug,
        **{total.name: total.count for total in figures.totals(event)},
        "looked_at": scans.looked_at,
        "failed": scans.failed,
    }


def _line(row: dict[str, str | int]) -> str:
    amounts = [f"{row[name]} {name.replace('_', ' ')}" for name in row if name != "event"]
    return f"{row['event']}: {', '.join(amounts)}"
