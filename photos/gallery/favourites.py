"""The photos a guest has marked with a heart. Each sees the own ones only; what hosts mark is
exported by organizers too, and hosts read so."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from events.access import member_required, still_theirs, user_of
from events.models import Event
from findme.http import back, wants_json
from photos import audience
from photos.delivery import addresses
from photos.delivery.download_views import all_photos
from photos.gallery.pages import Gallery, gallery_page, times_page
from photos.gallery.selection import selected
from photos.gallery.views import photo_page
from photos.models import Favourite, Photo
from photos.querysets import PhotoQuerySet


@require_safe
@never_cache
@member_required
def favourites(request: HttpRequest, event: Event) -> HttpResponseBase:
    gallery = _gallery(request, event)
    # Whoever's hearts are exported reads so, in a session too in which the role does not count yet.
    is_host = event.memberships.hosts().of(user_of(request)).exists()
    return gallery_page(request, gallery, "photos/gallery/favourites.html", is_host=is_host)


@require_safe
@never_cache
@member_required
def times(request: HttpRequest, event: Event) -> HttpResponseBase:
    return times_page(request, _gallery(request, event), tab="favourites")


@require_safe
@never_cache
@member_required
def photo(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """One of them, large, with its neighbours among them. Where its heart was taken, or where
    somebody else was sent this address, it is still a photo of the event."""
    gallery = _gallery(request, event)
    try:
        return photo_page(request, gallery, photo_id, tab="favourites", name=_("Favourites"))
    except Http404:
        return redirect("photo", slug=event.slug, photo_id=photo_id)


@require_POST
@member_required
def download(request: HttpRequest, event: Event) -> HttpResponseBase:
    return all_photos(request, event, _marked(request, event), name=f"{event.slug}-favourites")


@require_safe
@never_cache
@member_required
def ids(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Which photos have a heart: galleries are the same for all guests, hearts are not."""
    marked = _marked(request, event).order_by("pk")
    return JsonResponse({"favourites": list(marked.values_list("pk", flat=True))})


@require_POST
@member_required
def mark(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Mark the selected photos, or with `on=0` no longer. Doing it twice changes nothing."""
    photos = selected(request, event)
    user = user_of(request)
    if request.POST.get("on") == "0":
        Favourite.objects.of(user).filter(photo__in=photos).delete()
    else:
        hearts = [Favourite(user=user, photo=photo) for photo in photos]
        with still_theirs(user):
            Favourite.objects.bulk_create(hearts, ignore_conflicts=True)
    if wants_json(request):
        return HttpResponse(status=204)
    return back(request, otherwise=event.get_absolute_url())


def _gallery(request: HttpRequest, event: Event) -> Gallery:
    here, times = (reverse(name, args=[event.slug]) for name in ("favourites", "favourite_times"))
    photo = addresses.pattern("favourite_photo", event.slug)
    return Gallery(event, _marked(request, event), here, times, photo)


def _marked(request: HttpRequest, event: Event) -> PhotoQuerySet:
    marked = Favourite.objects.of(request.user).in_event(event).values("photo_id")
    viewer = audience.of(request, event)
    return Photo.objects.in_event(event).visible_to(viewer).filter(pk__in=marked)
