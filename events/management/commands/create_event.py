"""`manage.py create_event NAME --from DATE --organizer ADDRESS …`: an event without the desk."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import date
from textwrap import fill
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter
from django.db import transaction
from django.utils import timezone

from events.desk import organizing
from events.desk.forms import CONTROLLER_MISSING, INDEXING_CONSEQUENCES, has_default_controller
from events.entrance import qr
from events.models import Event, User


class _Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Leaves the lines at the end as they are."""


class Command(BaseCommand):
    help = (
        "Create an event and print its join link. The organizer gets an account if there is none, "
        "and logs in with a code by e-mail. With --slug, running it again creates nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--from", dest="starts_on", type=_date, required=True, metavar="DATE")
        parser.add_argument("--to", dest="ends_on", type=_date, metavar="DATE", help="the last day")
        parser.add_argument("--organizer", required=True, metavar="ADDRESS", help="e-mail address")
        parser.formatter_class = _Formatter
        parser.epilog = _consequences()
        parser.add_argument(
            "--indexing", required=True, choices=Event.Indexing.values, help="see below"
        )
        is_named = has_default_controller()
        parser.add_argument(
            "--controller",
            required=not is_named,
            nargs=2,
            metavar=("NAME", "CONTACT"),
            default=["", ""],
            help="who is responsible for photos and faces, and an e-mail address or phone number",
        )
        parser.add_argument(
            "--slug", default="", help="the event's address; an event that has it is left as it is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        event = Event.objects.filter(slug=options["slug"]).first() if options["slug"] else None
        if event is not None and event.binned_at is not None:
            raise CommandError(f"The event “{event.slug}” is in the bin: restore it at the desk.")
        if event is None:
            event = _create(options)
            self.stdout.write(f"Created: {event.name} ({event.slug})")
        else:
            self.stdout.write(f"Already there: {event.name} ({event.slug})")
        self.stdout.write(f"Join link: {qr.link(event)}")


def _create(options: dict[str, Any]) -> Event:
    starts_on = options["starts_on"]
    event = Event(name=options["name"], slug=options["slug"], starts_on=starts_on)
    event.ends_on = options["ends_on"] or starts_on
    event.indexing = options["indexing"]
    event.controller_name, event.controller_contact = options["controller"]
    try:
        with transaction.atomic():
            _demand_controller(event)
            event.full_clean(exclude=["slug"] if not event.slug else [])
            organizing.set_up(event, organizer=_organizer(options["organizer"]))
            # Given to an address: whoever has only typed it opens nothing.
            event.memberships.update(invited_at=timezone.now())
    except ValidationError as error:
        raise CommandError("; ".join(error.messages)) from error
    return event


def _demand_controller(event: Event) -> None:
    missing = {
        name: words for name, words in CONTROLLER_MISSING.items() if not getattr(event, name)
    }
    if missing and not (has_default_controller() and len(missing) == len(CONTROLLER_MISSING)):
        raise ValidationError({name: str(words) for name, words in missing.items()})


def _consequences() -> str:
    """What the choices of --indexing mean, in the words of the desk."""
    lines = [
        fill(f"{mode.value}: {practice} {law}", subsequent_indent="  ")
        for mode, (practice, law) in INDEXING_CONSEQUENCES.items()
    ]
    return "--indexing:\n" + "\n".join(lines)


def _organizer(email: str) -> User:
    """The account of an address, with access to the desk."""
    user = User.objects.with_email(email)
    if user is None:
        user = User(email=email)
        user.set_unusable_password()
        user.full_clean()
    user.is_staff = True
    user.save()
    return user


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is not a date like 2026-06-20") from error
