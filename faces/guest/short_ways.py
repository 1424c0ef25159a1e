"""By what My Photos and its news are revalidated, and what is answered on a short way: that nothing
changed since the browser last asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase

from events.access import LOOKS_AS
from events.entrance import proof
from events.models import Event, User
from events.visits import Visitor
from faces.finding import progress
from faces.finding.progress import GuestProgress, ScanProgress
from faces.guest import questions_sitting, reveal
from findme.serving import shortcuts
from photos.gallery import freshness, versions
from photos.gallery.versions import Version

OF_VISIT = versions.OF_VISIT.beside(progress.OF_VISIT)


@dataclass(frozen=True)
class Seen:
    """All that these pages say of photos. `scans`: while the guest waits."""

    version: Version
    guest: GuestProgress
    scans: ScanProgress | None


def seen_with(version: Version, guest: GuestProgress, event: Event) -> Seen:
    """One query while the guest waits, else none."""
    return Seen(version, guest, progress.of_event_lately(event) if guest.is_waiting else None)


def version_of_page(seen: Seen, session: SessionBase, event: Event, person: User) -> str:
    """What My Photos says of photos, and what the session adds to it. No query."""
    sitting = questions_sitting.sitting(session, event, person)
    return f"{seen} {sitting} {reveal.is_expected(session, event, person)}"


def my_photos(request: HttpRequest, slug: str) -> HttpResponseBase | None:
    """One query, and one more while photos are looked at. A visit that is to be noted goes its
    whole way."""
    if (visitor := _visitor(request, slug)) is None:
        return None
    seen = _seen_by(visitor)
    if seen.guest.wants_notices:
        return None
    version = version_of_page(seen, request.session, visitor.event, visitor.user)
    return freshness.known(request, visitor.event, version)


def my_news(request: HttpRequest, slug: str) -> HttpResponseBase | None:
    """The same of what My Photos asks while it is open."""
    if (visitor := _visitor(request, slug)) is None:
        return None
    return freshness.known(request, visitor.event, str(_seen_by(visitor)))


def _visitor(request: HttpRequest, slug: str) -> Visitor | None:
    """Who looks at their own photos: which child's another does, the whole way knows."""
    if "If-None-Match" not in request.headers:
        return None
    visitor = proof.visitor(request, slug, OF_VISIT)
    return None if visitor is None or LOOKS_AS in request.session else visitor


def _seen_by(visitor: Visitor) -> Seen:
    guest = progress.of_visitor(visitor)
    return seen_with(versions.of_visitor(visitor), guest, visitor.event)


shortcuts.register("mine/", my_photos)
shortcuts.register("mine/news/", my_news)
