"""The desk's page of an event's guests: who joined, inviting, roles, taking somebody out and
letting them back in."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events import audit, letters
from events.access import is_organizer
from events.desk import registry, roles
from events.desk.forms import InvitationForm
from events.models import Event, Membership
from faces.desk import figures, guest_list, guests

logger = logging.getLogger(__name__)

GUESTS_A_PAGE = 50

LAST_ORGANIZER = gettext_lazy(
    "An event keeps at least one organizer. Make somebody else organizer first."
)


@registry.page("guests", "guests/", label=gettext_lazy("Guests"), position=20)
@require_http_methods(["GET", "HEAD", "POST"])
def event_guests(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Who joined; a POST invites somebody. Queries: count, page, roles, who was removed."""
    form = InvitationForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid() and _invite(request, event, form):
        return _to_guests(request, event)
    search, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    other_faces = request.GET.get("faces") == "other"
    sort = request.GET.get("sort", "")
    rows = guests.members(event, search=search, role=role, other_faces=other_faces, sort=sort)
    page = Paginator(rows, GUESTS_A_PAGE).get_page(request.GET.get("page"))
    counts = guests.counts(event)
    context = {
        "title": _("Guests"),
        "page": page,
        "guests": [guests.guest(row) for row in page],
        "roles": Membership.Role.choices,
        "counts": [(role, label, counts[role]) for role, label in Membership.Role.choices],
        "totals": [_in_words(role, count) for role, count in counts.items() if count],
        "columns": _columns(sort),
        "sort": sort,
        "search": search,
        "role": role,
        "other_faces": other_faces,
        "removed": guests.removed(event),
        "form": form,
    }
    for name in list(form.errors)[:1]:  # brings it into sight, wherever the form is
        form.fields[name].widget.attrs["autofocus"] = True
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return registry.show(request, event, "faces/desk/guests.html", context, status=status)


@registry.page("guests_csv", "guests.csv")
@require_GET
def guests_csv(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The list as a table, in the log: it takes names and addresses out of FindMe."""
    count = guests.members(event).count()
    audit.record(event, "guests_exported", by=request.user, count=count)
    logger.info("guests_exported event=%s", event.pk)
    pieces = guest_list.as_csv(event, language=translation.get_language())
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{event.slug}-guests.csv"'
    return response


@registry.page("guest_role", "guests/<int:membership_id>/role/")
@require_POST
def guest_role(request: HttpRequest, event: Event, membership_id: int) -> HttpResponseBase:
    membership = _membership(event, membership_id)
    if membership.user.guardian_id:
        raise Http404  # a child is looked for, and does nothing
    role = request.POST.get("role", "")
    if role not in Membership.Role.values:
        logger.info("role_refused code=unknown_role event=%s", event.pk)
        messages.error(request, _("Choose one of the roles."))
        return _to_guests(request, event)
    try:
        roles.change_role(membership, role=role, by=request.user)
    except roles.LastOrganizer:
        logger.info("role_refused code=last_organizer event=%s", event.pk)
        messages.error(request, LAST_ORGANIZER)
    else:
        params = {"person": membership.user, "role": Membership.Role(role).label}
        messages.success(request, _("%(person)s is now %(role)s.") % params)
    return _to_guests(request, event)


@registry.page("guest_removal", "guests/<int:membership_id>/remove/")
@require_POST
def guest_removal(request: HttpRequest, event: Event, membership_id: int) -> HttpResponseBase:
    membership = _membership(event, membership_id)
    try:
        removed = guests.remove(membership, by=request.user)
    except roles.LastOrganizer:
        logger.info("removal_refused code=last_organizer event=%s", event.pk)
        messages.error(request, LAST_ORGANIZER)
    else:
        params = ngettext(
            "%(person)s is removed, with the face’s data and %(count)d match.",
            "%(person)s is removed, with the face’s data and %(count)d matches.",
            removed["matches"],
        )
        messages.success(request, params % {"person": membership.user, "count": removed["matches"]})
    return _to_guests(request, event)


@registry.page("guest_back", "guests/removed/<int:exclusion_id>/")
@require_POST
def guest_back(request: HttpRequest, event: Event, exclusion_id: int) -> HttpResponseBase:
    """Let somebody join again who was removed."""
    exclusion = get_object_or_404(guests.removed(event), pk=exclusion_id)
    roles.let_back_in(exclusion, by=request.user)
    person = exclusion.user or _("Somebody whose account is gone")
    messages.success(request, _("%(person)s can join again.") % {"person": person})
    return _to_guests(request, event)


def _in_words(role: str, count: int) -> str:
    """How many of a role there are; guests in the words of the event's figures."""
    number = number_format(count, force_grouping=True)
    if role == Membership.Role.GUEST:
        return f"{number} {figures.TOTALS['guests'](count)}"
    words = {
        Membership.Role.HOST: ngettext("%(count)s host", "%(count)s hosts", count),
        Membership.Role.PHOTOGRAPHER: ngettext(
            "%(count)s photographer", "%(count)s photographers", count
        ),
        Membership.Role.ORGANIZER: ngettext("%(count)s organizer", "%(count)s organizers", count),
    }
    return words[Membership.Role(role)] % {"count": number}


def _columns(sort: str) -> dict[str, tuple[str, str]]:
    """Of each column that can be sorted by, how it is now, in the words of `aria-sort`, and what
    its heading asks for: the other way round, or first what one looks for."""
    now = sort if sort.removeprefix("-") in guests.SORTED_BY else guests.LATEST_FIRST
    first = {"name": "name", "joined": "-joined", "photos": "-photos"}
    found = {}
    for name, other in first.items():
        if name != now.removeprefix("-"):
            found[name] = ("", other)
        elif now.startswith("-"):
            found[name] = ("descending", name)
        else:
            found[name] = ("ascending", f"-{name}")
    return found


def _invite(request: HttpRequest, event: Event, form: InvitationForm) -> bool:
    """Whether the invitation stands. Where not, the form says why, and keeps what was typed."""
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        roles.invite(event=event, email=email, role=role, by=request.user)
    except letters.Unanswered:
        words = _(
            "The invitation stands, but the mail server gave no answer: the e-mail may not have"
            " arrived."
        )
        messages.warning(request, words)
    except (roles.HigherRole, letters.NotSent) as error:
        form.add_error("email", _why_not(event, error))
    else:
        messages.success(request, _("Invited. An e-mail with the way in is on its way."))
    return not form.errors


def _why_not(event: Event, error: roles.HigherRole | letters.NotSent) -> str:
    """For whoever invited; what was done before is rolled back."""
    match error:
        case roles.HigherRole(person=person, role=role):
            code = "higher_role"
            words = _(
                "%(person)s is %(role)s here already, and an invitation takes nothing away. Roles"
                " are changed in the list."
            )
            words %= {"person": person, "role": role}
        case letters.MailboxFull():
            code = "mailbox_full"
            words = _(
                "We have written to this address often today, so nobody was invited. Try tomorrow."
            )
        case letters.RefusedForGood():
            code = "mail_refused"
            words = _("This address takes no mail.")
        case _:
            logger.error("invitation_failed event=%s", event.pk, exc_info=error)
            return _("The e-mail could not be sent, so nobody was invited. Try again later.")
    logger.info("invitation_failed event=%s code=%s", event.pk, code)
    return words


def _membership(event: Event, membership_id: int) -> Membership:
    rows = Membership.objects.filter(event=event).select_related("user__guardian", "event")
    return get_object_or_404(rows, pk=membership_id)


def _to_guests(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Back to the guests, unless the organizer has just stepped down."""
    if is_organizer(request.user, event):
        return redirect("admin:events_event_guests", event.pk)
    return redirect("admin:index")
