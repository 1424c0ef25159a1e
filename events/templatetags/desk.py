"""What the desk's templates ask of this room."""

from __future__ import annotations

from datetime import date

from django import template
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.safestring import SafeString

from events import access
from events.desk import naming, registry, retention, views
from events.entrance import qr
from events.models import Event
from events.querysets import EventQuerySet

register = template.Library()

HOME_EVENTS = 12


@register.simple_tag
def desk_links(event: Event) -> list[tuple[str, str, str, int]]:
    """The event's navigation: name, label and address of each page that has a label, and how much
    waits on it. A query for each that counts."""
    labelled = [
        (page, page.count(event) if page.count else 0) for page in registry.pages() if page.label
    ]
    return [
        (page.name, str(page.label), page.address(event), waiting)
        for page, waiting in labelled
        if waiting or not page.hides_empty
    ]


@register.simple_tag
def join_link(event: Event) -> str:
    return qr.link(event)


@register.simple_tag
def live_link(event: Event) -> str:
    return f"{settings.SITE_URL}{event.get_live_url()}"


@register.simple_tag
def join_qr(event: Event) -> SafeString:
    return qr.inline_svg(event)


@register.simple_tag
def deletion_day(event: Event) -> date | None:
    return retention.deletion_day(event)


@register.filter
def spaced(code: str) -> str:
    """A join code in groups of four, as it is easily read out and typed."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


@register.filter
def role_waits(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether a role was given since this session proved the address."""
    return access.role_waits(user)


@register.filter
def event_state(event: Event) -> tuple[str, str]:
    return views.state(event)


@register.filter
def told_apart(event: Event) -> str:
    return naming.told_apart(event)


@register.filter
def is_closed(event: Event) -> bool:
    return not event.is_open(timezone.now())


@register.simple_tag
def organized_events(user: AbstractBaseUser | AnonymousUser) -> EventQuerySet:
    """The latest events whose desk the user may open. One query."""
    return Event.objects.organized_by(user).with_namesakes(user)[:HOME_EVENTS]


@register.simple_tag
def events_in_bin(user: AbstractBaseUser | AnonymousUser) -> int:
    """How many the user could take out of the bin. One query."""
    return Event.objects.binned_of(user).count()


@register.simple_tag
def leaves_bin_on(event: Event) -> date:
    return retention.leaves_bin_on(event)


@register.filter
def days_in_bin(event: Event) -> int:
    return retention.days_in_bin(event)


@register.simple_tag
def photographed_events(user: AbstractBaseUser | AnonymousUser) -> EventQuerySet:
    """Events that the user may upload to, without being their organizer. One query."""
    return Event.objects.with_role(user, "photographer").with_namesakes(user)
