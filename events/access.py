"""Who may enter. Outsiders get 404: a link tells nothing. Members lacking rights get 403."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from events.models import Event, Membership, User
from events.visits import Visit
from findme.compiled_query import CompiledQuery
from findme.http import refusal_response, wants_json

DESK_ROLES = (Membership.Role.ORGANIZER, Membership.Role.PHOTOGRAPHER)
# Who sees all photos of an event, published or not.
SEEING_ALL = (Membership.Role.HOST, *DESK_ROLES)
JOINED_EVENT = CompiledQuery(
    lambda user_id, slug: Event.objects.joined_by(User(pk=user_id)).filter(slug=slug), int, str
)
UPLOADABLE_EVENT = CompiledQuery(
    lambda user_id, proven_at, pk: Event.objects.with_role_since(
        user_id, proven_at, *DESK_ROLES
    ).filter(pk=pk),
    int,
    datetime,
    int,
)
# In the session, by event: the child whose photos the guardian looks at.
LOOKS_AS = "looks_as"
# In the session: ids of events at which somebody who sees more looks as their guests do.
AS_GUEST = "as_guest"
# In a form: the person that it is about, so that what is sent from a tab that was left open is not
# taken for somebody else's after the guardian turned to another person.
PERSON = "person"
# On the request: its event, and its person once that is known.
_EVENT, _PERSON = "_member_of", "_person"
EventView = Callable[Concatenate[HttpRequest, Event, ...], HttpResponseBase]


def member_required(view: EventView) -> Callable[..., HttpResponseBase]:
    """Turn the `slug` of an address into the event, for its members only.

    Anonymous visitors are sent to log in whatever the slug, existing or not; scripts are told so.
    """

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        user = user_of(request)
        event = joined_event(request, user, slug)
        if event is None or not is_seen_in(user, event.pk):
            raise Http404
        if must_prove(user):
            return _proof_first(request, event.get_absolute_url())
        setattr(request, _EVENT, event)
        with timezone.override(event.zone):  # times on the page are the event's
            return view(request, event, **kwargs)

    @wraps(view)
    def answered(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        if wants_json(request) and not request.user.is_authenticated:
            return refusal_response("signed_out", status=401)
        return guarded(request, slug, **kwargs)

    return answered


def proof_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For what only those may do who have proven their address; others are led to that first."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if user_of(request).unproven_in is not None:
            return _proof_first(request, reverse("privacy"))
        return view(request, *args, **kwargs)

    return guarded


def to_prove(next_page: str) -> HttpResponseRedirect:
    """To the page that proves the address, and from there to a page of ours."""
    return HttpResponseRedirect(f"{reverse('prove')}?{urlencode({'next': next_page})}")


def joined_event(request: HttpRequest, user: User, slug: str) -> Event | None:
    """The event of that address, if it is the account's; it may have come with the session."""
    visit: Visit | None = getattr(request.session, "visit", None)
    if visit and visit.slug == slug and visit.account and visit.account.pk == user.pk:
        return visit.event
    return JOINED_EVENT.first(user.pk, slug)


def _proof_first(request: HttpRequest, then: str) -> HttpResponseBase:
    if wants_json(request):
        return refusal_response("prove_first", status=403)
    return to_prove(then)


def may_use(user: User, event_id: int) -> bool:
    """Whether the session that a member is seen through may use that event. What `member_required`
    answers in words, in one."""
    return is_seen_in(user, event_id) and not must_prove(user)


def is_seen_in(user: User, event_id: int) -> bool:
    """Without proof only in the event that the session joined."""
    return user.unproven_in in (None, event_id)


def must_prove(user: User) -> bool:
    """Whether nothing of the account is for this session: who holds a role of the desk signs in by
    proof. A query for sessions without proof only, where it did not come with the session."""
    if user.unproven_in is None:
        return False
    return holds_desk_role(user) if user.holds_role is None else user.holds_role


def counted_as(user: User) -> str:
    """Who somebody is to a limit: a session without proof uses up nothing of the owner's."""
    return str(user.pk) if user.unproven_in is None else f"{user.pk} without proof"


@contextmanager
def still_theirs(user: User) -> Iterator[None]:
    """A transaction that writes something of a user's.

    Where they are seen through a session without proof, the account is held: a first proof from
    elsewhere waits for what is written, and takes it back. Where it came while the request was
    under way, it has ended the session, and nothing is written. Raises `User.DoesNotExist` then.

    Before whatever else is locked: a first proof holds the account before all that it removes.
    """
    with transaction.atomic():
        if user.unproven_in is not None:
            rows = User.objects.select_for_update(no_key=True)
            rows.get(pk=user.pk, address_proven_at=None)
        yield


def role_waits(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether a role of the desk was given to the account, and counts only once the session that
    the user is seen through has proven the address again."""
    if not user.is_authenticated or not user.is_active:
        return False
    if getattr(user, "is_staff", False) and getattr(user, "proven_at", None) is None:
        return True
    in_effect = Event.objects.with_role(user, *DESK_ROLES).values("pk")
    return Event.objects.held_by(user, *DESK_ROLES).exclude(pk__in=in_effect).exists()


def holds_desk_role(user: AbstractBaseUser) -> bool:
    """Whether an account may open the desk once it has proven itself: who may make events, and
    whoever organizes or photographs one, in the bin too. At most one query."""
    if not user.is_active:
        return False
    return bool(getattr(user, "is_staff", False)) or (
        Event.objects.opening_desk_once_proven(user).exists()
    )


def may_open_desk(user: AbstractBaseUser | AnonymousUser) -> bool:
    """The same in the session that the user is seen through. At most one query."""
    if not user.is_active:
        return False
    if getattr(user, "is_staff", False) and getattr(user, "proven_at", None):
        return True
    return Event.objects.opening_desk(user).exists()


def user_of(request: HttpRequest) -> User:
    """The user of a request, behind whatever lets nobody in without an account."""
    if not isinstance(request.user, User):
        raise Http404  # cannot happen there; the type checker cannot know
    return request.user


def person_of(request: HttpRequest) -> User:
    """Whose face a guest's page is about: the user, or a child whose guardian the user is.

    A child is a name with selfies, consents and photos of its own, and nothing else: it gives no
    access, and takes none. One query for a child, and none for the user.
    """
    person: User | None = getattr(request, _PERSON, None)
    if person is None:
        person = _find_person(request, user_of(request))
        setattr(request, _PERSON, person)
    return person


def role_in(request: HttpRequest, event: Event) -> Membership.Role:
    """As what a member looks at an event, in this session: a role that was given to the address
    counts once it was proven again. No query where it came with the session, else one."""
    user = user_of(request)
    visit: Visit | None = getattr(getattr(request, "session", None), "visit", None)
    if visit and visit.event == event and visit.account == user:
        role, invited_at = visit.role, visit.invited_at
    else:
        rows = Membership.objects.of(user).filter(event=event)
        role, invited_at = rows.values_list("role", "invited_at").first() or (None, None)
    counts = user.proven_at is not None and (invited_at is None or invited_at < user.proven_at)
    return Membership.Role(role) if role and counts else Membership.Role.GUEST


def looks_as_guest(request: HttpRequest, event: Event) -> bool:
    """Whether who sees more has asked to be shown what guests see. No query."""
    return event.pk in request.session.get(AS_GUEST, [])


def look_as_guest(request: HttpRequest, event: Event, *, on: bool) -> None:
    """From now on, or no longer."""
    others = [pk for pk in request.session.get(AS_GUEST, []) if pk != event.pk]
    request.session[AS_GUEST] = [*others, event.pk] if on else others


def in_view(request: HttpRequest) -> dict[str, object]:
    """For templates: the person whom a guest's page is about, and the same where it is a child."""

    def person() -> User | None:
        return person_of(request) if request.user.is_authenticated else None

    def child() -> User | None:
        found = person()
        return found if found and found.guardian_id else None

    return {"person": SimpleLazyObject(person), "child": SimpleLazyObject(child)}


def look_as(request: HttpRequest, event: Event, person: User) -> None:
    """From now on the guest's pages of an event are about this person: see `one_of_theirs`."""
    chosen = {**request.session.get(LOOKS_AS, {}), str(event.pk): person.pk}
    request.session[LOOKS_AS] = chosen
    setattr(request, _PERSON, None)


def one_of_theirs(user: User, wanted: str, event: Event | None = None) -> User | None:
    """The user themselves, or a child of theirs (in that event), by the id as it was sent."""
    if wanted == str(user.pk):
        return user
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        return None
    children = User.objects.children_of(user).filter(pk=int(wanted))
    child = (children.filter(memberships__event=event) if event else children).first()
    if child is not None:
        child.guardian = user  # known, and need not be asked for
    return child


def _find_person(request: HttpRequest, user: User) -> User:
    event: Event | None = getattr(request, _EVENT, None)
    if event is None:
        return user
    if named := request.POST.get(PERSON, ""):
        person = one_of_theirs(user, named, event)
        if person is None:
            raise Http404
        return person
    chosen = str(request.session.get(LOOKS_AS, {}).get(str(event.pk), user.pk))
    return one_of_theirs(user, chosen, event) or user


def is_organizer(user: AbstractBaseUser | AnonymousUser, event: Event) -> bool:
    """Whether a user may open an event's desk. One query."""
    return Event.objects.organized_by(user).filter(pk=event.pk).exists()


def may_upload(user: AbstractBaseUser | AnonymousUser, event: Event) -> bool:
    """Whether a user may add photos: organizers and photographers of it, superusers. One query."""
    return Event.objects.uploadable_by(user).filter(pk=event.pk).exists()


def event_to_upload_to(user: AbstractBaseUser | AnonymousUser, event_id: int) -> Event:
    """The event, for those who may add photos. Outsiders get 404, other members 403."""
    if event := _uploadable(user, event_id):
        return event
    if Event.objects.joined_by(user).filter(pk=event_id).exists():
        raise PermissionDenied
    raise Http404


def _uploadable(user: AbstractBaseUser | AnonymousUser, event_id: int) -> Event | None:
    """One query, compiled where it comes with every photo."""
    proven_at = getattr(user, "proven_at", None)
    if user.pk is None or proven_at is None or getattr(user, "is_superuser", False):
        return Event.objects.uploadable_by(user).filter(pk=event_id).first()
    return UPLOADABLE_EVENT.first(user.pk, proven_at, event_id)
