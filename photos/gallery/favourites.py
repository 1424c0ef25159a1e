"""The photos a guest has marked with a heart. Each sees the own ones only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from events.access import member_required, user_of
from events.models import Event
from findme.http import wants_json
from photos.delivery.selection import back, chosen_ids
from photos.gallery.pages import gallery_page
from photos.models import Favourite, Photo


@require_safe
@never_cache
@member_required
def favourites(request: HttpRequest, event: Event) -> HttpResponseBase:
    marked = Favourite.objects.of(request.user).in_event(event).values("photo_id")
    photos = Photo.objects.in_event(event).visible().filter(pk__in=marked)
    return gallery_page(request, event, photos, "photos/gallery/favourites.html")


@require_safe
@never_cache
@member_required
def ids(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Which photos have a heart: galleries are the same for all guests, hearts are not."""
    marked = Favourite.objects.of(request.user).in_event(event).order_by("photo_id")
    return JsonResponse({"favourites": list(marked.values_list("photo_id", flat=True))})


@require_POST
@member_required
def mark(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Mark the chosen photos, or with `on=0` no longer. Doing it twice changes nothing."""
    chosen = Photo.objects.in_event(event).visible().filter(pk__in=chosen_ids(request))
    user = user_of(request)
    if request.POST.get("on") == "0":
        Favourite.objects.of(user).filter(photo__in=chosen).delete()
    else:
        Favourite.objects.bulk_create(
            [Favourite(user=user, photo=photo) for photo in chosen], ignore_conflicts=True
        )
    return HttpResponse(status=204) if wants_json(request) else back(request, event)
