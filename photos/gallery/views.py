"""The General gallery, its times and news, and the page of one photo: for members only."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.access import member_required, person_of
from events.models import Event
from photos import audience
from photos.audience import Audience
from photos.delivery import addresses
from photos.delivery.addresses import Pictures
from photos.gallery import freshness, paging, timeline, versions
from photos.gallery.pages import Gallery, shown, times_page
from photos.gallery.timeline import Chip, Narrowing, Photographer
from photos.gallery.versions import Version
from photos.layout import order
from photos.layout.order import OLDEST
from photos.models import Photo

NOT_NARROWED = Narrowing(None, None)


@require_safe
@member_required
def general(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The photos of the event that this guest may see, or those of one photographer (`by`) or
    `section`. Where General is not open these are the highlights.

    Queries: session, user, event, version, and where the page changed: count, page, sections, own
    matches.
    """
    if audience.turn(request, event):
        return redirect("general", slug=event.slug)
    version = versions.version(event, person_of(request))
    choice = _choice(request, event)
    return freshness.respond(
        request, event, f"{version} {choice}", lambda: _general(request, event, version, choice)
    )


@require_safe
@member_required
def general_news(request: HttpRequest, event: Event) -> HttpResponseBase:
    """How many photos came since the page that asks was made; polled by it."""
    version = versions.version(event)
    choice = _choice(request, event)
    return freshness.respond(
        request, event, f"{version} {choice}", lambda: _news(request, event, version, choice)
    )


@require_safe
@member_required
def times(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The event's days, hours and photographers, to jump to; a page, or a part of General."""
    version = versions.version(event)
    photographers = timeline.photographers(event, audience.of(request, event))
    return freshness.respond(
        request,
        event,
        f"{version} {photographers}",
        lambda: _times(request, event, version, photographers),
    )


@require_safe
@member_required
def photo(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """One photo, large, with its neighbours in the General gallery as it is narrowed. What is not
    there and theirs to see, such as a photo they are in, is among all that is."""
    viewer = audience.of(request, event)
    gallery = _gallery(request, event, _choice(request, event))
    name = _("General") if viewer.sees_general else _("Highlights")
    try:
        return photo_page(request, gallery, photo_id, tab="general", name=name)
    except Http404:
        theirs = replace(
            gallery,
            photos=Photo.objects.in_event(event).visible_to(viewer),
            address=reverse("my_photos", args=[event.slug]),
        )
        return photo_page(request, theirs, photo_id, tab="", name=_("My Photos"))


def photo_page(
    request: HttpRequest, gallery: Gallery, photo_id: int, *, tab: str, name: str
) -> HttpResponse:
    """The page of one of a gallery's photos; 404 where it is not among them."""
    photos = gallery.photos
    rows = photos.filter(**{photos.photo_id: photo_id}).values(photos.photo_id)
    shown = get_object_or_404(Photo, pk__in=rows)
    newer, older = paging.neighbours(photos, shown)
    beside = [(newer, _("Newer photo")), (older, _("Older photo"))]
    if order.order_of(request) == OLDEST:
        beside.reverse()
    (previous, previous_label), (following, following_label) = beside
    place, count = paging.place(photos, shown, order.order_of(request))
    context = {
        "event": gallery.event,
        "photo": shown,
        "previous_url": gallery.photo.of(previous) if previous else None,
        "previous_label": previous_label,
        "following_url": gallery.photo.of(following) if following else None,
        "following_label": following_label,
        "tab": tab,
        "gallery_name": name,
        "gallery_url": gallery.address,
        "place": place,
        "photo_count": count,
        "place_in_gallery": f"{paging.page_from(shown, gallery.said(request))}#photo-{shown.pk}",
        "download_url": Pictures(gallery.event).download_url(shown),
    }
    response = render(request, "photos/gallery/photo.html", context)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _general(
    request: HttpRequest, event: Event, version: Version, choice: Narrowing | None
) -> HttpResponse:
    gallery = _gallery(request, event, choice, version)
    context = shown(request, gallery, long=0)
    narrowing = choice or NOT_NARROWED
    context |= {
        "photographer": narrowing.photographer,
        "narrowed": urlencode(narrowing.query),
        "section_chips": _section_chips(event, audience.of(request, event), version, narrowing),
        "news": 0,
        "shown": context["photo_count"],
        **_addresses(request, gallery),
    }
    return render(request, "photos/gallery/general.html", context)


def _times(
    request: HttpRequest, event: Event, version: Version, photographers: list[Photographer]
) -> HttpResponse:
    choice = _choice(request, event) or NOT_NARROWED
    named = [("", _("Everybody")), *((one.key, one.name) for one in photographers)]
    return times_page(
        request,
        _gallery(request, event, choice, version),
        tab="general",
        photographers=photographers,
        photographer_chips=choice.chips("by", named) if len(photographers) > 1 else [],
        section_chips=_section_chips(event, audience.of(request, event), version, choice),
    )


def _news(
    request: HttpRequest, event: Event, version: Version, choice: Narrowing | None
) -> HttpResponse:
    gallery = _gallery(request, event, choice, version)
    return news(request, gallery.count(), **_addresses(request, gallery))


def _gallery(
    request: HttpRequest,
    event: Event,
    choice: Narrowing | None,
    version: Version | None = None,
) -> Gallery:
    """General, or what it is narrowed to; all of an audience count the same."""
    viewer = audience.of(request, event)
    narrowing = choice or NOT_NARROWED
    query = narrowing.query
    return Gallery(
        event,
        narrowing.of(Photo.objects.in_event(event).in_general(viewer)),
        reverse("general", args=[event.slug]),
        reverse("times", args=[event.slug]),
        addresses.pattern("photo", event.slug, query=query),
        version=version.everybody if version else "",
        key=f"{viewer.key}{urlencode(query)}",
        query=query,
    )


def _addresses(request: HttpRequest, gallery: Gallery) -> dict[str, str]:
    news = reverse("general_news", args=[gallery.event.slug])
    return gallery_addresses(request, news, gallery)


def gallery_addresses(request: HttpRequest, news: str, gallery: Gallery) -> dict[str, str]:
    """Where a gallery asks for news, and where it begins, both as it is narrowed and in its order;
    and where those are who came since: there, or where it ends."""
    said = gallery.said(request)
    narrowed = f"?{urlencode(said)}" if said else ""
    is_oldest = order.order_of(request) == OLDEST
    end = f"{gallery.address}{paging.newest(said)}#end"
    return {
        "news_url": news + narrowed,
        "gallery_url": gallery.address + narrowed,
        "newest_url": end if is_oldest else gallery.address + narrowed,
    }


def news(request: HttpRequest, count: int, **context: object) -> HttpResponse:
    """What a gallery page says of photos that came since it was made with `shown` of them."""
    shown = request.GET.get("shown", "")
    known = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else count
    # Photos that went meanwhile are not missed: those that come are counted from here.
    context |= {
        "photo_count": count,
        "news": max(0, count - known),
        "shown": min(known, count),
        "order": order.order_of(request),
    }
    return render(request, "photos/gallery/_news.html", context)


def _choice(request: HttpRequest, event: Event) -> Narrowing | None:
    """To what the gallery is to be narrowed, if it is. A query for each of the two asked for."""
    viewer = audience.of(request, event)
    asked = request.GET.get("section")
    photographers = timeline.photographers(event, viewer) if request.GET.get("by") else []
    sections = timeline.sections(event, viewer) if asked else []
    section = next((one for one in sections if str(one.pk) == asked), None)
    photographer = _among(photographers, request)
    return Narrowing(photographer, section) if photographer or section else None


def _among(photographers: list[Photographer], request: HttpRequest) -> Photographer | None:
    wanted = request.GET.get("by")
    return next((one for one in photographers if one.key == wanted), None)


def _section_chips(
    event: Event, viewer: Audience, version: Version, narrowing: Narrowing
) -> list[Chip]:
    """None where there are no sections. At most one query."""
    key = f"sections:{viewer.key}"
    sections = timeline.remembered(version.everybody, key, lambda: timeline.sections(event, viewer))
    found = [(str(one.pk), one.name) for one in sections]
    return narrowing.chips("section", [("", _("All")), *found]) if found else []
