"""The organizers' desk: photos, and the page that takes them in."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from events.access import may_upload
from events.admin import DeskAdmin
from events.models import Event, User
from photos import ingest, media, moderation
from photos.images import UnusableImage
from photos.models import Photo
from photos.store import Content
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)


@dataclass
class UploadSummary:
    """What became of the files of one upload: every file is in exactly one list."""

    accepted: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


@admin.register(Photo)
class PhotoAdmin(DeskAdmin):
    list_display = ["thumbnail", "name", "event", "status", "hidden", "taken_at", "uploader"]
    list_display_links = ["name"]
    list_filter = ["status", "hidden", "moderation", ("event", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["event", "uploader"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["name"]
    ordering = ["-id"]
    actions = ["hide", "show", moderation.approve, moderation.reject]
    fields = ["thumbnail", "name", "event", "status", "failure", "hidden", "moderation"]
    fields += ["taken_at", "uploader"]
    readonly_fields = ["thumbnail", "name", "event", "status", "failure", "moderation", "uploader"]

    def scope(self, rows: QuerySet[Photo], user: Any) -> QuerySet[Photo]:
        return rows.filter(event__in=Event.objects.organized_by(user).values("pk"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Photos come in by the upload page, not by a form."""
        return False

    def get_urls(self) -> list[URLPattern]:
        upload = path(
            "upload/<int:event_id>/",
            self.admin_site.admin_view(self.upload),
            name="photos_photo_upload",
        )
        picture = path(
            "<int:photo_id>/picture.jpg",
            self.admin_site.admin_view(self.picture),
            name="photos_photo_picture",
        )
        return [upload, picture, *super().get_urls()]

    def picture(self, request: HttpRequest, photo_id: int) -> HttpResponseBase:
        """A thumbnail for the desk, within the organizer's events."""
        photo = get_object_or_404(self.get_queryset(request), pk=photo_id)
        return media.response(photo, "thumbnail", download=False, request=request)

    def upload(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Take any number of files for an event; say what became of each."""
        event = get_object_or_404(Event, pk=event_id)
        if not may_upload(request.user, event):
            raise Http404
        summary = None
        if request.method == "POST":
            summary = _take_in(event, request.FILES.getlist("photos"), request.user)
            if request.accepts("application/json") and not request.accepts("text/html"):
                return JsonResponse(summary.__dict__)
        context = self.admin_site.each_context(request) | {
            "title": _("Upload photos"),
            "subtitle": event.name,
            "event": event,
            "summary": summary,
            "opts": self.opts,
        }
        return render(request, "admin/photos/photo/upload.html", context)

    @admin.display(description=_("picture"))
    def thumbnail(self, photo: Photo) -> str:
        if photo.status != Photo.Status.READY:
            return "–"
        address = reverse("admin:photos_photo_picture", args=[photo.pk])
        return format_html('<img src="{}" alt="" class="desk-thumbnail">', address)

    @admin.display(description=_("reason"))
    def failure(self, photo: Photo) -> str:
        return str(ingest.MESSAGES.get(photo.failure_code, photo.failure_code)) or "–"

    @admin.action(description=_("Hide from guests"))
    def hide(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        photos.update(hidden=True)
        self.message_user(request, _("Hidden. Nothing is deleted: “Show to guests” undoes it."))

    @admin.action(description=_("Show to guests"))
    def show(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        photos.update(hidden=False, moderation=Photo.Moderation.NONE)
        self.message_user(request, _("Shown to guests again."))


def _take_in(event: Event, files: list[UploadedFile[Any]], user: Any) -> UploadSummary:
    summary = UploadSummary()
    uploader = user if isinstance(user, User) else None
    for file in files:
        name = ingest.clean_name(file.name or "")
        try:
            taken = ingest.ingest(event=event, data=_content(file), name=name, uploader=uploader)
        except (UnusableImage, StoreUnavailable) as error:
            reason = str(ingest.MESSAGES[error.code])
            summary.refused.append({"name": name, "code": error.code, "reason": reason})
        else:
            (summary.accepted if taken.is_new else summary.known).append(name)
    return summary


def _content(file: UploadedFile[Any]) -> Content:
    """Small files are in memory already; large ones stay on disk."""
    if isinstance(file, InMemoryUploadedFile):
        return bytes(file.read())
    return cast(BinaryIO, file.file)
