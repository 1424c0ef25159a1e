"""What the desk's list of photos gains from faces: a filter, a second attempt, live figures."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from events.models import Event
from faces.desk import progress
from faces.finding import scanning
from faces.models import PhotoScan
from photos import audience
from photos.admin import PhotoAdmin
from photos.desk import buttons
from photos.gallery import freshness
from photos.intake.desk_upload import answers_in_json
from photos.models import Photo
from photos.querysets import PhotoQuerySet

admin.site.unregister(Photo)


class FacesFilter(admin.SimpleListFilter):
    """Photos by what looking for faces came to."""

    title = _("faces")
    parameter_name = "faces"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("some", _("Faces found")),
            ("none", _("No face found")),
            ("waiting", _("Waiting")),
            ("failed", _("Failed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        scans = PhotoScan.objects.current()
        match self.value():
            case "some":
                scans = scans.done().filter(face_count__gt=0)
            case "none":
                scans = scans.done().filter(face_count=0)
            case "waiting":
                scans = scans.unfinished()
            case "failed":
                scans = scans.failed()
            case _:
                return queryset
        return queryset.filter(pk__in=scans.values("photo"))


def retry_button(model_admin: Any, request: HttpRequest, ids: str) -> None:
    _retry(request, buttons.chosen(model_admin, request, ids))


@admin.register(Photo)
class PhotoWithFacesAdmin(PhotoAdmin):
    list_filter = [*PhotoAdmin.list_filter, FacesFilter]
    actions = [*PhotoAdmin.actions, "retry"]
    card_buttons = {**PhotoAdmin.card_buttons, "retry": retry_button}

    def get_urls(self) -> list[URLPattern]:
        progress = path(
            "upload/<int:event_id>/progress/", desk_progress, name="photos_photo_progress"
        )
        return [progress, *super().get_urls()]

    @admin.action(description=_("Try the failed ones again"), permissions=["change"])
    def retry(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        _retry(request, self.own(request, photos))


@answers_in_json
@require_safe
def desk_progress(request: HttpRequest, event: Event) -> HttpResponseBase:
    """The part of a page that says how far an event is, for htmx; 304 while it would look the same.

    Six queries or seven.
    """
    found = progress.of_event(event)
    context = {
        "event": event,
        "progress": found,
        "poll_url": reverse("admin:photos_photo_progress", args=[event.pk]),
    }
    return freshness.respond(
        request,
        event,
        repr(found),
        lambda: render(request, "faces/desk/_progress.html", context),
        seen_by=audience.ALL,
    )


def _retry(request: HttpRequest, photos: PhotoQuerySet) -> None:
    count = scanning.retry_failed(photos, by=request.user)
    text = ngettext("%(count)d photo is tried again.", "%(count)d photos are tried again.", count)
    messages.success(request, text % {"count": count})
