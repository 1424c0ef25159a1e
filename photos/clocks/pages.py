"""The pages of an event's desk where clocks are put right: the cameras, and one that is shifted."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from events.desk import gone, registry
from events.models import Event, User
from findme.formats import amounts
from photos.clocks import shifting
from photos.clocks.forms import AmountForm, MomentForm, ShiftForm
from photos.clocks.shifting import ShiftRefused, Span
from photos.models import Camera, Photo
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

PHOTOS_A_PAGE = 24
SHIFTS_A_PAGE = 10
# What may say whose photos are meant.
TARGETS = {"camera", "uploader", "late", "photos"}
LONGEST_SHIFT = 11  # letters of a number of seconds


@dataclass(frozen=True)
class Target:
    """Whose photos are meant: what forms carry along, and what the page calls it."""

    field: str
    value: str
    label: str
    photos: PhotoQuerySet


@registry.page("clocks", "clocks/", label=gettext_lazy("Clocks"), position=40)
@require_http_methods(["GET", "HEAD", "POST"])
def event_clocks(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The cameras and people with photos, and what was shifted. A POST takes a shift back."""
    if request.method == "POST":
        return _undo(request, event)
    context = {
        "title": _("Clocks"),
        "cameras": shifting.cameras(event),
        "uploaders": shifting.uploaders(event),
        "page": Paginator(shifting.past(event), SHIFTS_A_PAGE).get_page(request.GET.get("page")),
    }
    return registry.show(request, event, "photos/clocks/clocks.html", context)


@registry.page("clock", "clocks/change/")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Say how far a clock was off, look what that would do, and do it: three steps, of which only
    the last changes anything."""
    given = request.POST if request.method == "POST" else request.GET
    if not TARGETS & given.keys():
        return redirect("admin:events_event_clocks", event.pk)
    target = _target(event, given)
    span = shifting.span_of(target.photos)
    if span is None:
        return gone.lead_back(request, reverse("admin:events_event_clocks", args=[event.pk]))
    if request.method != "POST":
        return ask(request, event, target, span)
    if "shift" in given:
        return _shift(request, event, target, span)
    form = _bound(given, target, span)
    if form.is_valid():
        return _preview(request, event, target, span, form.shift)
    logger.info("clock_shift_refused code=%s event=%s", form.refused or "bad_form", event.pk)
    return ask(request, event, target, span, refused=form)


@admin.action(description=gettext_lazy("Change the time…"), permissions=["change"])
def change_time(
    model_admin: Any, request: HttpRequest, photos: QuerySet[Photo]
) -> HttpResponseBase | None:
    """The same of photos chosen in the list, of one event: its times are those of its place."""
    if not photos.exists():
        return gone.photos_lead_back(request, request.get_full_path())
    own = model_admin.own(request, photos).dated()
    if not own.exists():
        messages.warning(request, _("The files of these photos do not say when they were taken."))
        return None
    events = list(Event.objects.filter(photos__in=own).distinct()[:2])
    span = shifting.span_of(own)
    if len(events) != 1 or span is None:
        messages.warning(request, _("Please choose photos of one event only."))
        return None
    with timezone.override(events[0].zone):
        return ask(request, events[0], selection(own), span)


def selection(photos: PhotoQuerySet) -> Target:
    """Photos that somebody chose in the list."""
    ids = list(photos.order_by("pk").values_list("pk", flat=True))
    return Target("photos", ",".join(map(str, ids)), _("Your selection"), photos)


def ask(
    request: HttpRequest,
    event: Event,
    target: Target,
    span: Span,
    *,
    refused: ShiftForm | None = None,
) -> HttpResponseBase:
    """The two forms; `refused`: the one that was sent, with what is wrong with it."""
    suggested = AmountForm.initial_of(_seconds(request.GET.get("seconds", "")) or 0)
    photos = target.photos.ready().filter(binned_at=None).oldest_first()
    if target.field == "photos":  # no address holds a selection, and so none its second page
        photos = Photo.objects.filter(pk__in=[p.pk for p in shifting.sample(photos, PHOTOS_A_PAGE)])
    pages = Paginator(photos.oldest_first(), PHOTOS_A_PAGE)
    forms: dict[str, ShiftForm] = {
        "amount": AmountForm(span=span, initial=suggested),
        "moment": MomentForm(span=span, photos=target.photos),
    }
    if refused:
        forms["moment" if isinstance(refused, MomentForm) else "amount"] = refused
    context = {
        "title": _("Clocks"),
        "target": target,
        "span": span,
        **forms,
        "chosen": str(forms["moment"]["photo"].value() or request.GET.get("photo", "")),
        "page": pages.get_page(request.GET.get("page") or _page_with(request, photos)),
    }
    status = 422 if refused else 200
    return registry.show(request, event, "photos/clocks/clock.html", context, status=status)


def _page_with(request: HttpRequest, photos: PhotoQuerySet) -> int:
    """The page of the photo that the address names, or the first."""
    named = photos.filter(pk=_id(request.GET, "photo")).values("taken_at")
    return photos.filter(taken_at__lt=named[:1]).count() // PHOTOS_A_PAGE + 1


def _bound(given: QueryDict, target: Target, span: Span) -> ShiftForm:
    if "moment_0" in given:
        return MomentForm(given, span=span, photos=target.photos)
    return AmountForm(given, span=span)


def _preview(
    request: HttpRequest,
    event: Event,
    target: Target,
    span: Span,
    seconds: int,
    *,
    refused: ShiftRefused | None = None,
) -> HttpResponseBase:
    context = {
        "title": _("Clocks"),
        "target": target,
        "span": span,
        "after": span.shifted(seconds),
        "seconds": seconds,
        "amount": amounts.later(seconds),
        "moments": [(photo, *_moments(photo, seconds)) for photo in shifting.sample(target.photos)],
        "seen": shifting.state(event),
        "refused": refused,
    }
    status = 422 if refused else 200
    return registry.show(request, event, "photos/clocks/preview.html", context, status=status)


def _shift(request: HttpRequest, event: Event, target: Target, span: Span) -> HttpResponseBase:
    seconds = _seconds(request.POST["shift"])
    if not seconds:
        return HttpResponse(status=400)
    try:
        done = shifting.shift(
            event, target.photos, seconds, by=request.user, seen=request.POST.get("seen", "")
        )
    except ShiftRefused as error:
        logger.info("clock_shift_refused code=%s event=%s", error.code, event.pk)
        if error.code != "shifted_meanwhile":
            return HttpResponse(status=400)
        return _preview(request, event, target, span, seconds, refused=error)
    count = len(done.photo_ids)
    text = ngettext(
        "%(count)d photo is set %(amount)s.", "%(count)d photos are set %(amount)s.", count
    )
    words = text % {"count": count, "amount": amounts.later(seconds)}
    messages.success(request, _with_undo(words, done.pk))
    return redirect("admin:events_event_clocks", event.pk)


def _undo(request: HttpRequest, event: Event) -> HttpResponseBase:
    shift_id = _id(request.POST, "undo")
    if not shift_id:
        return HttpResponse(status=400)
    try:
        count = shifting.undo(event, shift_id, by=request.user)
    except ShiftRefused as error:
        logger.info("clock_undo_refused code=%s event=%s", error.code, event.pk)
        messages.warning(request, error.words)
    else:
        text = ngettext(
            "%(count)d photo has its time of before.",
            "%(count)d photos have their times of before.",
            count,
        )
        messages.success(request, text % {"count": count})
    return redirect(request.path)


def _target(event: Event, given: QueryDict) -> Target:
    """404 where it is none of the event's."""
    own = Photo.objects.in_event(event).dated()
    if "camera" in given:
        camera = get_object_or_404(Camera, event=event, pk=_id(given, "camera"))
        return Target("camera", str(camera.pk), camera.label, own.filter(camera=camera))
    if "late" in given:
        camera = get_object_or_404(Camera, event=event, pk=_id(given, "late"))
        found = shifting.late(event).get(camera.pk)
        ids = found.photo_ids if found else []
        return Target("late", str(camera.pk), camera.label, own.filter(pk__in=ids))
    if "uploader" in given:
        # Of others nobody is to learn that they exist.
        here = User.objects.filter(pk__in=own.values("uploader"))
        user = get_object_or_404(here, pk=_id(given, "uploader"))
        return Target("uploader", str(user.pk), str(user), own.filter(uploader=user))
    wanted = [pk for pk in _ids(given, "photos") if pk]
    if not wanted:
        raise Http404
    return selection(own.filter(pk__in=wanted))


def _ids(given: QueryDict, field: str) -> list[int]:
    return registry.ids(str(given.get(field, "")).split(","))


def _id(given: QueryDict, field: str) -> int:
    """0, which no row has, where it is none."""
    return next(iter(_ids(given, field)), 0)


def _moments(photo: Photo, seconds: int) -> tuple[str, str]:
    """When a photo was taken, before and after: with the day where that is another."""
    before = timezone.localtime(photo.taken_at)
    after = timezone.localtime(photo.taken_at + timedelta(seconds=seconds))
    if before.date() != after.date():
        written = "SHORT_DATETIME_FORMAT"
    else:
        written = "H:i:s" if seconds % amounts.MINUTE else "TIME_FORMAT"
    return date_format(before, written), date_format(after, written)


def _seconds(text: str) -> int | None:
    """A number from outside, of a size that a clock may be off by."""
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and len(text) <= LONGEST_SHIFT else None


def _with_undo(text: str, shift_id: int) -> Any:
    """The button belongs to a form of the page, which has the CSRF token."""
    return format_html(
        '{} <button type="submit" form="desk-clocks" name="undo" value="{}" class="desk-undo">'
        "{}</button>",
        text,
        shift_id,
        _("Undo"),
    )
