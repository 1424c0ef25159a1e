"""Asking that a photo be not shown, and taking that back: forms of the photo's page, and of the
viewer, which shows the same part of the page."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from events.access import counted_as, member_required, user_of
from events.models import Event
from findme import limits
from findme.http import back, next_page
from photos import audience
from photos.gallery import hide_requests
from photos.models import HideRequest, Photo
from photos.querysets import PhotoQuerySet


@require_POST
@member_required
def ask(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """One tap, with or without words."""
    photo = get_object_or_404(_within_reach(request, event), pk=photo_id)
    asked = HideRequest.objects.of(request.user).filter(photo=photo)
    try:
        if not asked.waiting().exists():  # a second tap costs nothing
            limits.demand(request, "hide_request", key=counted_as(user_of(request)))
    except limits.TooMany as refused:
        return _refuse(request, event, photo, refused)
    words = request.POST.get("words", "")
    said = hide_requests.ask(photo=photo, user=user_of(request), words=words)
    photo.refresh_from_db(fields=["hidden"])
    return _answer(request, event, photo, said)


@require_POST
@member_required
def take_back(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """While nobody has answered; taking it back twice changes nothing."""
    hide_requests.take_back(event=event, photo_id=photo_id, user=user_of(request))
    if "fragment" in request.POST:
        photo = get_object_or_404(_within_reach(request, event), pk=photo_id)
        return _fragment(request, event, photo)
    messages.success(request, _("You took your request back."))
    return back(request, otherwise=event.get_absolute_url())


def _within_reach(request: HttpRequest, event: Event) -> PhotoQuerySet:
    """Photos that the guest may see, and those they asked about: they may be hidden for that."""
    mine = HideRequest.objects.of(request.user).values("photo")
    photos = Photo.objects.in_event(event).kept()
    visible = photos.visible_to(audience.of(request, event)).values("pk")
    return photos.filter(Q(pk__in=visible) | Q(pk__in=mine)).select_related("event")


def _answer(
    request: HttpRequest, event: Event, photo: Photo, said: HideRequest
) -> HttpResponseBase:
    if "fragment" in request.POST:
        return _fragment(request, event, photo)
    if not photo.hidden:
        messages.success(request, _("Your request is with the organizer, who decides."))
        return back(request, otherwise=photo.get_absolute_url())
    text = _(
        "The photo is hidden from everybody until the organizer decides. Under “My privacy” you can"
        " take your request back."
    )
    messages.success(request, text)
    return HttpResponseRedirect(next_page(request, "gallery") or event.get_absolute_url())


def _fragment(request: HttpRequest, event: Event, photo: Photo) -> HttpResponse:
    context = {"event": event, "photo": photo}
    return render(request, "photos/gallery/_hide_request.html", context)


def _refuse(
    request: HttpRequest, event: Event, photo: Photo, refused: limits.TooMany
) -> HttpResponseBase:
    status = HTTPStatus.TOO_MANY_REQUESTS
    if "fragment" in request.POST:
        return HttpResponse(refused.words, content_type="text/plain", status=status)
    messages.error(request, refused.words)
    return back(request, otherwise=photo.get_absolute_url())
