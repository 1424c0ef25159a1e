"""The organizers' desk: the photos, as a grid to look through and to put in order.

`faces.admin` adds what is known of faces: who is in them, what could not be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from events import audit
from events.access import is_organizer
from events.admin import DeskAdmin
from events.desk import gone, registry
from events.models import Event
from photos import removing
from photos.clocks import pages as clocks
from photos.clocks.dating import PhotoForm
from photos.delivery import serving
from photos.desk import (
    buttons,
    culling,
    filters,
    hiding,
    moderation,
    photo_list,
    publishing,
    removal_page,
    sorting,
)
from photos.desk.buttons import Button
from photos.export.page import export_selection
from photos.intake import batch_views, desk_upload
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.signals import times_changing


@admin.register(Photo)
class PhotoAdmin(DeskAdmin):
    """Photographers see the photos of their events; organizers may change them."""

    form = PhotoForm
    list_display = ["name"]
    list_filter: Sequence[Any] = [
        ("event", filters.by_event(_("event"))),
        filters.Order,
        filters.Day,
        filters.InSection,
        "status",
        "hidden",
        "published",
        "highlight",
        ("moderation", filters.Moderation),
        ("uploader", filters.by(_("uploader"), nobody=_("without an account"))),
    ]
    list_select_related = ["event", "uploader", "section"]
    list_per_page = 60
    list_before_template = "photos/desk/_list_head.html"
    show_full_result_count = False
    search_fields = ["name"]
    search_help_text = _("Search by file name")
    ordering = ["-id"]
    actions: Sequence[Any] = [
        *("hide", "show", moderation.approve, moderation.reject),
        *publishing.ACTIONS,
        *sorting.ACTIONS,
        clocks.change_time,
        "export",
        "remove",
    ]
    # Hiding is a button of the page, not a field: a page that was opened before somebody else hid
    # the photo must not show it again when it is saved.
    fields = ["picture", "name", "added_by", "status", "moderation", "taken_at"]
    readonly_fields = ["picture", "name", "added_by", "status", "moderation"]
    # The keys are the names of the buttons in templates.
    card_buttons: Mapping[str, Button] = {
        "hide": buttons.hide,
        "show": buttons.show,
        "undo": buttons.undo,
        "approve": buttons.approve,
        "reject": buttons.reject,
        "remove": buttons.remove,
    }

    def scope(self, rows: QuerySet[Photo], user: Any) -> QuerySet[Photo]:
        """Without those in the bin, which has a page of its own."""
        events = Event.objects.uploadable_by(user).values("pk")
        return rows.filter(event__in=events, binned_at=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Photos come in by the upload page, not by a form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if not self.has_view_permission(request, obj):
            return False
        if isinstance(obj, Photo) and obj.pk:
            return is_organizer(request.user, obj.event)
        return photo_list.organizes_any(request)

    has_delete_permission = has_change_permission

    def own(self, request: HttpRequest, photos: QuerySet[Photo]) -> PhotoQuerySet:
        """Those of the photos that the user may change. What a list shows may be more."""
        events = Event.objects.organized_by(request.user).values("pk")
        return Photo.objects.filter(pk__in=photos.order_by().values("pk"), event__in=events)

    def get_urls(self) -> list[URLPattern]:
        page, prefix = self.admin_site.admin_view, "photos_photo_"
        own = [
            path("upload/<int:event_id>/", page(desk_upload.upload), name=f"{prefix}upload"),
            path("upload/<int:event_id>/known/", desk_upload.known, name=f"{prefix}known"),
            path("upload/<int:event_id>/file/", desk_upload.receive, name=f"{prefix}receive"),
            path("upload/<int:event_id>/batch/", batch_views.tell, name=f"{prefix}batch"),
            path(
                "upload/<int:event_id>/batch/forget/",
                page(batch_views.forget),
                name=f"{prefix}forget_batch",
            ),
            path("<int:photo_id>/<str:kind>.jpg", page(self.serve), name=f"{prefix}picture"),
            path("cull/<int:photo_id>/", page(self.cull), name=f"{prefix}cull"),
            path("act/", page(require_POST(self.press)), name=f"{prefix}act"),
        ]
        return [*own, *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Django's own deletion would list every face and match it takes along."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions | (sorting.actions(request) if self.has_change_permission(request) else {})

    # --- pictures ---

    def serve(self, request: HttpRequest, photo_id: int, kind: str) -> HttpResponseBase:
        """A thumbnail or preview for the desk, within the user's events; of photos in the bin, for
        those who may take them out."""
        photo = self.get_queryset(request).filter(pk=photo_id).first()
        if photo is None:
            photo = get_object_or_404(self.own(request, Photo.objects.binned()), pk=photo_id)
        wanted = kind if kind in ("thumbnail", "preview") else "thumbnail"
        return serving.response(photo, wanted, request)

    @admin.display(description=_("picture"))
    def picture(self, photo: Photo) -> str:
        if photo.status != Photo.Status.READY:
            return "–"
        address = reverse("admin:photos_photo_picture", args=[photo.pk, "preview"])
        return format_html('<img src="{}" alt="" class="desk-picture">', address)

    @admin.display(description=_("added by"))
    def added_by(self, photo: Photo) -> str:
        return str(photo.uploader or "–")

    # --- lists ---

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return filters.ordering(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(
            request, photo_list.context(request) | (extra_context or {})
        )
        return response

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The grid is drawn by a tag that hands on the list and nothing else."""
        changelist: ChangeList = super().get_changelist_instance(request)
        if not changelist.query and set(changelist.params) <= {photo_list.EVENT_FILTER}:
            # Else the theme offers to show all where all are shown; counting them takes long.
            changelist.full_result_count = changelist.result_count
        changelist.sections = photo_list.sections_shown(request)  # type: ignore[attr-defined]
        changelist.may_change = self.has_change_permission(request)  # type: ignore[attr-defined]
        return changelist

    def cull(self, request: HttpRequest, photo_id: int) -> HttpResponseBase:
        return culling.page(self, request, photo_id)

    def press(self, request: HttpRequest) -> HttpResponseBase:
        return buttons.press(self, request, self.card_buttons)

    @admin.action(description=_("Hide from guests"), permissions=["change"])
    def hide(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        hiding.set_hidden(request, self.own(request, photos), hidden=True)

    @admin.action(description=_("Show to guests"), permissions=["change"])
    def show(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        hiding.set_hidden(request, self.own(request, photos), hidden=False)

    @admin.action(description=_("Export originals…"), permissions=["change"])
    def export(self, request: HttpRequest, photos: QuerySet[Photo]) -> HttpResponseBase:
        if not photos.exists():
            return gone.photos_lead_back(request, request.get_full_path())
        return export_selection(request, self.own(request, photos))

    @admin.action(description=_("Delete…"), permissions=["delete"])
    def remove(self, request: HttpRequest, photos: QuerySet[Photo]) -> HttpResponse:
        return removal_page.ask(self, request, photos, back=request.get_full_path())

    def save_model(
        self, request: HttpRequest, obj: Photo, form: ModelForm[Photo], change: bool
    ) -> None:
        """Only the time was asked: the rest may have changed since the photo was read."""
        if "taken_at" in form.changed_data:
            with transaction.atomic():
                times_changing.send(sender=Photo, event=obj.event)
                obj.has_capture_time = True
                obj.save(update_fields=["taken_at", "has_capture_time"])
                names = removing.names_kept(Photo.objects.filter(pk=obj.pk))
                audit.record(obj.event, "photo_dated", by=request.user, names=names)
        if kept := getattr(form, "kept", {}):
            fields = get_text_list([str(form.fields[name].label) for name in kept], _("and"))
            messages.info(request, _("Changed by somebody else meanwhile, and kept: %s.") % fields)

    # --- the pages of one photo ---

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Times are those of the event's place, as on its own page."""
        if object_id and (answer := self._binned_meanwhile(request, object_id)):
            return answer
        photo = self.get_object(request, object_id) if object_id else None
        context = {"show_save_and_continue": False, "show_delete": False, "photos": [photo]}
        with timezone.override(photo.event.zone if photo else None):
            answer = super().changeform_view(
                request, object_id, form_url, context | (extra_context or {})
            )
            return answer.render() if hasattr(answer, "render") else answer

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The same question as for many, instead of a list of all that goes along."""
        if answer := self._binned_meanwhile(request, object_id):
            return answer
        photo = self._photo(request, object_id)
        if not self.has_delete_permission(request, photo):
            raise PermissionDenied
        one = Photo.objects.filter(pk=photo.pk)
        return removal_page.ask(self, request, one, back=photo_list.address_of(photo.event))

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What was done to photos is in the log of their event, which its organizers read."""
        return redirect("admin:events_event_history", self._photo(request, object_id).event_id)

    def _binned_meanwhile(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """To the list, where a colleague has put the photo in the bin."""
        ids = registry.ids([object_id])
        if not ids or self.get_queryset(request).filter(pk__in=ids).exists():
            return None
        event = photo_list.refuse_strangers(self, request, ids[0])
        return gone.lead_back(request, photo_list.address_of(event))

    def _photo(self, request: HttpRequest, object_id: str) -> Photo:
        photo: Photo | None = self.get_object(request, object_id)
        if photo is None:
            raise Http404
        return photo
