"""My Photos: the gallery, what is new in it, one photo, and all of them to take home."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events.access import member_required, person_of
from events.models import Event
from faces.finding import progress
from faces.guest import questions, questions_sitting, questions_views, reveal
from faces.guest.short_ways import Seen, seen_with, version_of_page
from faces.models import FaceMatch, Selfie
from faces.notices import mailing
from faces.privacy import consenting
from faces.querysets import FaceMatchQuerySet
from photos import audience
from photos.delivery import addresses
from photos.delivery.download_views import all_photos
from photos.gallery import freshness, versions
from photos.gallery.pages import Gallery, shown, times_page
from photos.gallery.views import gallery_addresses, news, photo_page
from photos.models import Photo
from photos.querysets import PhotoQuerySet


@require_safe
@member_required
def my_photos(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The guest's photos.

    Queries: session, user, event, progress, version; count and page, and up to three for a
    question, two for a reveal.
    """
    guest_progress = progress.of_guest(person_of(request), event)
    if guest_progress.wants_notices and not getattr(request, "htmx", False):
        # A visit answered by 304 counts too. It is noted before the version is read: a match that
        # comes in between stays news.
        mailing.note_visit(user=person_of(request), event=event)
    seen = seen_with(versions.version(event, person_of(request)), guest_progress, event)
    version = version_of_page(seen, request.session, event, person_of(request))
    return freshness.respond(request, event, version, lambda: _gallery(request, event, seen))


@require_safe
@member_required
def my_news(request: HttpRequest, event: Event) -> HttpResponseBase:
    """How far the machine is, and how many photos came; My Photos asks while it is open."""
    version = versions.version(event, person_of(request))
    seen = seen_with(version, progress.of_guest(person_of(request), event), event)
    return freshness.respond(request, event, str(seen), lambda: _news(request, event, seen))


@require_safe
@member_required
def my_times(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The hours of the guest's photos, to jump to; a page, or a part of My Photos."""
    version = str(versions.version(event, person_of(request)))
    gallery = _gallery_of(request, event, version)
    return freshness.respond(
        request, event, version, lambda: times_page(request, gallery, tab="mine")
    )


@require_safe
@member_required
def my_photo(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """One of the guest's photos, large, with its neighbours in My Photos."""
    gallery = _gallery_of(request, event, version="")
    return photo_page(request, gallery, photo_id, tab="mine", name=_("My Photos"))


@require_POST
@member_required
def download_mine(request: HttpRequest, event: Event) -> HttpResponseBase:
    """All the photos the guest is in, as a ZIP."""
    return all_photos(request, event, _own_photos(request, event), name=f"{event.slug}-my-photos")


def _gallery(request: HttpRequest, event: Event, seen: Seen) -> HttpResponse:
    gallery = _gallery_of(request, event, str(seen.version))
    count = gallery.count()
    guest_progress, scans = seen.guest, seen.scans
    context = shown(request, gallery, kind="mine") | {
        "guest_progress": guest_progress,
        # Shown while the guest waits, and where there is nothing else to show.
        "progress": scans if scans or count else progress.of_event(event),
        "news": 0,
        "shown": count,
        **_addresses(request, gallery),
    }
    if guest_progress.has_selfie and not {"before", "after"} & request.GET.keys():
        context |= _above(request, event, count)
    if guest_progress.asked_again:
        context |= {
            "asked_again": guest_progress.asked_again,
            "words": consenting.words(event, person_of(request)),
        }
    return render(request, "faces/guest/my_photos.html", context)


def _news(request: HttpRequest, event: Event, seen: Seen) -> HttpResponse:
    gallery = _gallery_of(request, event, str(seen.version))
    return news(
        request,
        gallery.count(),
        event=event,
        guest_progress=seen.guest,
        progress=seen.scans,
        **_addresses(request, gallery),
    )


def _gallery_of(request: HttpRequest, event: Event, version: str) -> Gallery:
    """Of whoever asks, or of their child: what is counted is kept under their name."""
    here, times = (reverse(name, args=[event.slug]) for name in ("my_photos", "my_times"))
    viewer = audience.of(request, event)
    photos = _matches(request, event).shown_to(viewer)
    key = f"of-{person_of(request).pk}-{viewer.key}"
    photo = addresses.pattern("my_photo", event.slug)
    return Gallery(event, photos, here, times, photo, version=version, key=key)


def _addresses(request: HttpRequest, gallery: Gallery) -> dict[str, str]:
    my_news = reverse("my_news", args=[gallery.event.slug])
    return gallery_addresses(request, my_news, gallery)


def _above(request: HttpRequest, event: Event, count: int) -> dict[str, object]:
    """What stands above the photos: the reveal, a question, or while there are none the selfie."""
    person = person_of(request)
    sitting = questions_sitting.sitting(request.session, event, person)
    card = questions.card(person, event, sitting, audience.of(request, event))
    above = questions_views.said(request, sitting)
    if not count:
        above["selfie"] = Selfie.objects.of(person).accepted().last()
    elif request.method == "GET" and (shown := reveal.take(request.session, event, person)):
        above["reveal"] = shown
        card = replace(card, question=None, following=None)  # one thing at a time
    return above | {"card": card}


def _own_photos(request: HttpRequest, event: Event) -> PhotoQuerySet:
    """The visible photos the guest is in, by a subquery: no match object is loaded."""
    matches, viewer = _matches(request, event), audience.of(request, event)
    photos = Photo.objects.in_event(event).shown_to(viewer)
    return photos.filter(pk__in=matches.values("photo_id"))


def _matches(request: HttpRequest, event: Event) -> FaceMatchQuerySet:
    """The same as matches: pages of them are read in the order of their index."""
    return FaceMatch.objects.of(person_of(request)).in_event(event).counting()
