"""Who did what to an event: recorded by django-auditlog, told in plain words.

Everything is recorded on the event, so that its log is one indexed look-up and whoever organizes
the event may read it. Changes of the event's own fields are recorded by auditlog itself, wherever
they are made; what is done to guests and photos is recorded by `record`. Only ids of people are
kept: their names are looked up when the log is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, QuerySet
from django.db.models.signals import post_delete, pre_save
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.models import Event, Membership, User
from findme.formats import amounts

# Who does something; None is the machine.
Person = AbstractBaseUser | AnonymousUser | None

# Machine-written fields, and those that `record` reports in better words.
UNWATCHED = ["join_code", "created_at", "closed_at", "live_code", "ready_told_at"]
UNWATCHED += ["deletion_warned_at", "deletion_started_at", "binned_at"]
# So many names of photos are in a line; of the others, how many they are.
NAMES_KEPT = 5

FIELDS = {field.name: field for field in Event._meta.concrete_fields}

# %(person)s is a member of the event; the other variables are given to `record`.
TEXTS = {
    "event_closed": gettext_lazy("Closed the event"),
    "event_reopened": gettext_lazy("Reopened the event"),
    "code_rotated": gettext_lazy("Made a new join code"),
    "live_code_rotated": gettext_lazy("Made a new slideshow link"),
    "deletion_started": gettext_lazy("Deleted the event"),
    "event_binned": gettext_lazy("Put the event in the bin"),
    "event_restored": gettext_lazy("Restored the event from the bin"),
    "deletion_warned": gettext_lazy("Warned the organizers of the coming deletion"),
    "member_invited": gettext_lazy("Invited %(person)s as %(role)s"),
    "role_changed": gettext_lazy("Made %(person)s %(role)s"),
    "member_removed": gettext_lazy("Removed %(person)s, with their face’s data"),
    "member_let_back": gettext_lazy("Let %(person)s join again"),
    "guests_exported": gettext_lazy("Exported the list of guests (%(count)s)"),
    "ready_told": gettext_lazy("Told the guests that the photos are ready (%(count)s)"),
    "event_copied": gettext_lazy("Created the event like “%(like)s”"),
    "cover_chosen": gettext_lazy("Chose the cover photo"),
    "cover_removed": gettext_lazy("Removed the cover photo"),
    "unclaimed_forgotten": gettext_lazy(
        "Removed the patterns of faces that are no guest’s (%(count)s)"
    ),
    "rematched": gettext_lazy("Had the guests matched again"),
    "rematch_cancelled": gettext_lazy("Cancelled matching the guests again"),
    "photos_uploaded": gettext_lazy("Sent photos (%(count)s)"),
    "upload_forgotten": gettext_lazy(
        "Had an unfinished upload of %(person)s forgotten; files not sent: %(count)s"
    ),
    "photos_hidden": gettext_lazy("Hid photos (%(count)s)"),
    "photos_shown": gettext_lazy("Showed photos again (%(count)s)"),
    "photos_published": gettext_lazy("Published photos (%(count)s)"),
    "photos_unpublished": gettext_lazy("Took published photos back (%(count)s)"),
    "highlights_chosen": gettext_lazy("Marked photos as highlights (%(count)s)"),
    "highlights_ended": gettext_lazy("Photos are no highlights any more (%(count)s)"),
    "hide_asked": gettext_lazy("Asked that a photo be not shown"),
    "hide_taken_back": gettext_lazy("Took back that a photo be not shown"),
    "hide_granted": gettext_lazy("Hid what somebody did not want shown (%(count)s)"),
    "hide_declined": gettext_lazy("Kept visible what somebody did not want shown (%(count)s)"),
    "photos_deleted": gettext_lazy("Deleted photos (%(count)s)"),
    "photos_binned": gettext_lazy("Put photos in the bin (%(count)s)"),
    "photos_restored": gettext_lazy("Restored photos from the bin (%(count)s)"),
    "photos_expired": gettext_lazy("Emptied the bin of photos whose days were over (%(count)s)"),
    "own_photos_deleted": gettext_lazy("Deleted their own photos (%(count)s)"),
    "unproven_photos_deleted": gettext_lazy(
        "Deleted photos that waited for approval, since their guest’s address was somebody else’s"
        " (%(count)s)"
    ),
    "originals_exported": gettext_lazy("Exported originals (%(count)s)"),
    "single_originals_exported": gettext_lazy("Exported single originals (%(count)s)"),
    "photo_table_exported": gettext_lazy("Exported the table of photos (%(count)s)"),
    "photos_retried": gettext_lazy("Had failed photos tried again (%(count)s)"),
    "photo_dated": gettext_lazy("Changed when a photo was taken"),
    "guest_photos_approved": gettext_lazy("Approved guests’ photos (%(count)s)"),
    "guest_photos_rejected": gettext_lazy("Rejected guests’ photos (%(count)s)"),
    "section_made": gettext_lazy("Added a section"),
    "section_renamed": gettext_lazy("Renamed a section"),
    "sections_ordered": gettext_lazy("Put the sections in another order"),
    "section_removed": gettext_lazy("Deleted a section; its photos stay (%(photos)s)"),
    "photos_assigned": gettext_lazy("Put photos into a section (%(photos)s)"),
    "photos_unassigned": gettext_lazy("Took photos out of their section (%(count)s)"),
    "guest_photos_put_back": gettext_lazy("Had guests’ photos wait for approval again (%(count)s)"),
    "clock_shifted": gettext_lazy("Set the times of photos %(amount)s (%(count)s)"),
    "clock_shift_undone": gettext_lazy(
        "Took back that the times of photos were set %(amount)s (%(count)s)"
    ),
}


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    what: str


_actor: ContextVar[User | None] = ContextVar("actor", default=None)


def watch() -> None:
    """Have auditlog record what changes in events. Called once, when the app is ready."""
    auditlog.register(Event, exclude_fields=UNWATCHED)
    pre_save.connect(_name_actor, sender=LogEntry, dispatch_uid="events.audit")
    # After auditlog's own, which writes down the whole row that goes.
    post_delete.connect(_forget_event, sender=Event, dispatch_uid="events.audit")


@contextmanager
def acting(user: AbstractBaseUser | AnonymousUser) -> Iterator[None]:
    """What auditlog records meanwhile is this user's doing.

    Auditlog's own way also keeps the user's e-mail address, which outlives the account.
    """
    token = _actor.set(user if isinstance(user, User) else None)
    try:
        yield
    finally:
        _actor.reset(token)


def record(
    event: Event,
    did: str,
    *,
    by: Person,
    person: User | None = None,
    **details: str | int | list[str],
) -> None:
    """Add a line to an event's log. `did` is one of `TEXTS`. `names` say what it is about, such as
    those of the first of `count` photos."""
    TEXTS[did]  # a code without words would be found only by whoever reads the log
    LogEntry.objects.log_create(
        event,
        force_log=True,
        action=LogEntry.Action.UPDATE,
        actor=by if isinstance(by, User) else None,
        additional_data={"did": did, "person": person.pk if person else None, **details},
    )


def count_one_more(event: Event, did: str, *, by: User, within: timedelta) -> None:
    """Add one to the `count` of a person's line that began so lately, or begin one."""
    with transaction.atomic():
        recent = entries(event).filter(actor=by, timestamp__gt=timezone.now() - within)
        line = recent.filter(additional_data__did=did).select_for_update(of=("self",)).first()
        if line is None:
            record(event, did, by=by, count=1)
            return
        line.additional_data["count"] += 1
        line.save(update_fields=["additional_data"])


def record_count(rows: QuerySet[Any], did: str, *, by: Person) -> None:
    """Add a line to the log of each event that has some of the rows, with how many it has."""
    counts = dict(rows.order_by().values_list("event").annotate(count=Count("pk")))
    for event in Event.objects.filter(pk__in=counts):
        record(event, did, by=by, count=counts[event.pk])


def entries(event: Event) -> QuerySet[LogEntry]:
    """An event's log, newest first."""
    log: QuerySet[LogEntry] = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Event), object_id=event.pk
    )
    return log.select_related("actor").order_by("-timestamp", "-id")


def lines(log: Iterable[LogEntry], *, reader: Person = None) -> list[Line]:
    """Entries in words. One query for the names of all people in them, and one where another event
    is meant: it is named only where the reader could open it."""
    rows = list(log)
    people = User.objects.in_bulk(_named(rows, "person"))
    likes = _named(rows, "like")
    own = Event.objects.organized_by(reader) if reader else Event.objects.none()
    events = own.in_bulk(likes) if likes else {}
    return [_line(row, people, events) for row in rows]


def _named(rows: list[LogEntry], what: str) -> set[int]:
    return {pk for row in rows if (pk := _details(row).get(what))}


def forget_person(user_id: int) -> None:
    """Take a person out of what was done to them; `actor` is a relation, and goes by itself."""
    for row in LogEntry.objects.filter(additional_data__person=user_id):
        row.additional_data = {**_details(row), "person": None}
        row.save(update_fields=["additional_data"])


def _forget_event(sender: type[Event], instance: Event, **kwargs: Any) -> None:
    """Of an event that is gone its log keeps who did what and when: no names, no texts, no codes.

    Which fields were changed stays, and not what they were.
    """
    log = entries(instance)
    log.update(object_repr="", serialized_data=None)
    for row in log.exclude(changes=None):
        row.changes = {name: ["", ""] for name in row.changes_dict}
        row.save(update_fields=["changes"])
    forget_names([instance.pk])


def forget_names(event_ids: Iterable[int]) -> None:
    """What photos were called, in the logs of events."""
    kind = ContentType.objects.get_for_model(Event)
    logs = LogEntry.objects.filter(content_type=kind, object_id__in=list(event_ids))
    for row in logs.filter(additional_data__has_key="names"):
        row.additional_data = {**_details(row), "names": []}
        row.save(update_fields=["additional_data"])


def _name_actor(sender: type[LogEntry], instance: LogEntry, **kwargs: Any) -> None:
    if instance.actor is None:
        instance.actor = _actor.get()


def _line(row: LogEntry, people: dict[int, User], events: dict[int, Event]) -> Line:
    who = str(row.actor) if row.actor else _("FindMe")
    return Line(row.timestamp, who, _what(row, people, events))


def _what(row: LogEntry, people: dict[int, User], events: dict[int, Event]) -> str:
    details = _details(row)
    if text := TEXTS.get(details.get("did", "")):
        like = events.get(details.get("like") or 0)
        if "like" in details and like is None:
            return _("Created the event like another one")
        names = {
            "person": people.get(details.get("person") or 0) or _("somebody"),
            "role": _role(details.get("role", "")),
            "amount": amounts.later(details.get("seconds", 0)),
            "like": like,
        }
        return str(text) % {**details, **names} + _called(details)
    if row.action == LogEntry.Action.CREATE:
        return _("Created the event")
    if row.action == LogEntry.Action.DELETE:
        return _("Everything of the event is removed")
    return _("Changed: %(fields)s") % {"fields": _("; ").join(_changes(row))}


def changed_last(event: Event, name: str) -> str:
    """Who changed a field of the event last, as far as the log knows."""
    changes = entries(event).filter(changes__has_key=name)
    return next((line.who for line in lines(changes[:1])), _("FindMe"))


def in_words(name: str, value: object) -> str:
    """The value of an event's field as people say it; also as auditlog has written it down."""
    text = str(value)
    if value is None or text in ("", "None"):
        return "–"
    field = FIELDS[name]
    if choices := dict(getattr(field, "flatchoices", ())):
        return str(choices.get(text, text))
    if isinstance(field, models.BooleanField):
        return _("yes") if text == "True" else _("no")
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(text)
        moment = moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
        return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
    if isinstance(field, models.DateField):
        return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")
    if isinstance(field, models.FloatField):
        return number_format(f"{float(text):g}")
    return text


def _called(details: dict[str, Any]) -> str:
    """The names of what a line is about, as far as they are known."""
    names = ", ".join(details.get("names") or ())
    more = details.get("count", 0) - len(details.get("names") or ())
    if not names:
        return ""
    if more > 0:
        text = ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", more)
        names = text % {"names": names, "count": more}
    # Translators: what follows a line of the log: what it is about. French has a space before it.
    return _(": %(names)s") % {"names": names}


def _changes(row: LogEntry) -> list[str]:
    """One text per field that reads otherwise now, with the values where they are short."""
    changes = (_change(name, *change) for name, change in row.changes_dict.items())
    return [change for change in changes if change]


def _change(name: str, old: str, new: str) -> str:
    label = capfirst(field_label(name))
    if name not in FIELDS:  # of an event from before a field was renamed or went
        return label
    old, new = in_words(name, old), in_words(name, new)
    if old == new:  # such as 85 and 85.0
        return ""
    return f"{label} ({old} → {new})" if len(old) + len(new) < 90 else label


def field_label(name: str) -> str:
    return str(FIELDS[name].verbose_name) if name in FIELDS else name


def _role(role: str) -> str:
    return str(dict(Membership.Role.choices).get(role, role))


def _details(row: LogEntry) -> dict[str, Any]:
    return row.additional_data or {}
