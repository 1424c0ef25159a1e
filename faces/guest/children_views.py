"""The page on which a guest adds a child to look for, and the switch from one person to another."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events.access import PERSON, counted_as, look_as, member_required, one_of_theirs, user_of
from events.models import Event, User
from faces.guest import children
from faces.guest.forms import ChildForm
from findme import limits
from findme.limits import TooMany
from findme.refusals import Refusal

logger = logging.getLogger(__name__)

# Where the switch leads back to: pages that are about one person.
PAGES = ("my_photos", "selfie", "questions", "why_not")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def children_page(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Add a child to look for, and go on to its selfie; who is looked for already."""
    user = user_of(request)
    form = ChildForm(request.POST or None)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            limits.demand(request, "add_child", key=counted_as(user))
            child = children.add(guardian=user, event=event, name=form.cleaned_data["name"])
        except (children.ChildRefused, TooMany) as error:
            logger.info("child_profile_refused code=%s event=%s", error.code, event.pk)
            refused = error
        else:
            return _look(request, event, child, "selfie")
    context = {
        "event": event,
        "form": form,
        "refused": refused,
        "here": children.of(user, event),
        "elsewhere": children.elsewhere(user, event),
        "is_proven": user.proven_at is not None,
        "is_full": User.objects.children_of(user).count() >= children.MOST_CHILDREN,
        "most": children.MOST_CHILDREN,
    }
    status = _status(refused) if request.method == "POST" else 200
    return render(request, "faces/guest/children.html", context, status=status)


@require_POST
@member_required
def bring_child(request: HttpRequest, event: Event, child_id: int) -> HttpResponseBase:
    """Look for a child of the account in this event too: its consent for it comes next."""
    child = get_object_or_404(children.elsewhere(user_of(request), event), pk=child_id)
    try:
        children.bring(child, event)
    except children.ChildRefused as refused:
        logger.info("child_profile_refused code=%s event=%s", refused.code, event.pk)
        messages.error(request, refused.words)
        return redirect("children", slug=event.slug)
    return _look(request, event, child, "selfie")


@require_POST
@member_required
def look(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Turn to another person, on the page that the switch was on."""
    person = one_of_theirs(user_of(request), request.POST.get(PERSON, ""), event)
    if person is None:
        raise Http404
    page = request.POST.get("page", "")
    return _look(request, event, person, page if page in PAGES else "my_photos")


def _look(request: HttpRequest, event: Event, person: User, page: str) -> HttpResponseBase:
    look_as(request, event, person)
    return redirect(page, slug=event.slug)


def _status(refused: Refusal | None) -> int:
    return 429 if isinstance(refused, TooMany) else 422
