"""The page of an event's desk where its cover photo is chosen."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from events.desk import registry
from events.models import Event
from photos.gallery import covers, paging
from photos.models import Cover, Photo

PHOTOS_A_PAGE = 60


@registry.page("cover", "cover/", label=gettext_lazy("Cover"), position=28)
@require_http_methods(["GET", "HEAD", "POST"])
def event_cover(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Choose among the photos that are published, of which every guest is shown the cover; an empty
    choice leaves it to FindMe."""
    visible = Photo.objects.in_event(event).visible().published()
    if request.method == "POST":
        _choose(request, event, request.POST.get("photo", ""))
        return redirect(request.path)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    context = {
        "title": _("Cover"),
        "cover": covers.cover_of(event),
        "chosen": Cover.objects.filter(event=event).exists(),
        "page": paging.page(visible, before=before, after=after, size=PHOTOS_A_PAGE),
    }
    return registry.show(request, event, "photos/desk/cover.html", context)


def _choose(request: HttpRequest, event: Event, photo_id: str) -> None:
    if not photo_id:
        covers.forget(event, by=request.user)
        messages.success(request, _("FindMe chooses the cover again."))
        return
    visible = Photo.objects.in_event(event).visible().published().select_related("event")
    photo = get_object_or_404(visible, pk__in=registry.ids([photo_id]))
    covers.choose(photo, by=request.user)
    messages.success(request, _("The cover is chosen."))
