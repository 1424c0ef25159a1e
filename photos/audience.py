"""Who looks at an event's photos, and which of them are theirs to see: the one place that knows.

Every page, picture and download of guests asks here, by `PhotoQuerySet.in_general` (what all of an
audience see) and `visible_to` (what one may see of it all). What is hidden, nobody sees; what is
not published, hosts and the desk do; and where General is not open, guests see the highlights, and
beside them the photos that they or their children are in. Which those are is not known in this
room: who knows registers it (`is_theirs`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from events.access import look_as_guest, looks_as_guest, role_in, user_of
from events.models import Event, Membership

# In an address of General: begin to look as a guest does, or stop.
PARAMETER, AS_GUEST = "as", "guest"
# On the request.
_KEPT = "_audience"

# Of photos, by the id of a user: those that this user or one of their children is in.
Theirs = Callable[[int], Q]
_theirs: list[Theirs] = []


@dataclass(frozen=True)
class Audience:
    """`sees_all`: also what is not published. `sees_general`: all that is, else highlights alone.
    `user_id`: whose own photos are theirs besides, and `owns_uploads`: what they added too.
    `as_guest`: sees more, and has asked not to."""

    sees_all: bool
    sees_general: bool
    user_id: int | None = None
    owns_uploads: bool = False
    as_guest: bool = False

    @property
    def key(self) -> str:
        """Which photos of a version of General they see."""
        return f"{self.sees_all:d}{self.sees_general:d}"

    @property
    def highlights_only(self) -> bool:
        """Of General."""
        return not self.sees_general

    def may_see(self, *, published: bool, is_shown: bool, is_upload: bool) -> bool:
        """A photo that is not hidden. `is_shown`: to every guest, or it is of this one;
        `is_upload`: they added it."""
        if self.sees_all or (is_upload and self.owns_uploads):
            return True
        return published and (self.sees_general or is_shown)


# What the desk sees, and what was looked at before.
ALL = Audience(sees_all=True, sees_general=True)


def of(request: HttpRequest, event: Event) -> Audience:
    """Of a member's request. No query where the role came with the session, else one."""
    kept: dict[int, Audience] | None = getattr(request, _KEPT, None)
    if kept is None:
        kept = {}
        setattr(request, _KEPT, kept)
    if event.pk not in kept:
        kept[event.pk] = _find(request, event)
    return kept[event.pk]


def of_everybody(event: Event) -> Audience:
    """What every guest sees: of the slideshow, and of a cover that nobody chose."""
    return Audience(sees_all=False, sees_general=event.is_general_open(timezone.now()))


def turn(request: HttpRequest, event: Event) -> bool:
    """Begin or stop to look as a guest, where the address says so and whoever asks sees more.
    Whether it was said."""
    said = request.GET.get(PARAMETER)
    if said is None:
        return False
    if _sees_more(request, event):
        look_as_guest(request, event, on=said == AS_GUEST)
    return True


def register(theirs: Theirs) -> Theirs:
    _theirs.append(theirs)
    return theirs


def is_theirs(user_id: int) -> Q:
    """A condition on photos: the user, or one of their children, is in them."""
    found = Q(pk__in=[])
    for theirs in _theirs:
        found |= theirs(user_id)
    return found


def in_view(request: HttpRequest) -> dict[str, object]:
    """For templates of an event's pages: who looks at it."""

    def audience() -> Audience | None:
        event: Event | None = getattr(request, "_member_of", None)
        return of(request, event) if event is not None else None

    return {"audience": SimpleLazyObject(audience)}


def _find(request: HttpRequest, event: Event) -> Audience:
    user = user_of(request)
    sees_more = _sees_more(request, event)
    as_guest = sees_more and looks_as_guest(request, event)
    sees_all = sees_more and not as_guest
    return Audience(
        sees_all=sees_all,
        sees_general=sees_all or event.is_general_open(timezone.now()),
        user_id=user.pk,
        owns_uploads=not as_guest,
        as_guest=as_guest,
    )


def _sees_more(request: HttpRequest, event: Event) -> bool:
    user = user_of(request)
    is_root = user.is_superuser and user.proven_at is not None
    return is_root or role_in(request, event) != Membership.Role.GUEST
