"""The organizers' desk: the photos, as a grid to look through and to put in order.

`faces.admin` adds what is known of faces: who is in them, what could not be looked at.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
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
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from events import audit
from events.access import is_organizer
from events.admin import DeskAdmin
from events.desk import registry
from events.models import Event
from photos.delivery import serving
from photos.desk import curating, moderation
from photos.intake import desk_upload
from photos.models import Photo
from photos.querysets import PhotoQuerySet

UNDO_KEY = "photos_undo"
# In the menu of the upload button; the others are reached from their own pages.
EVENTS_OFFERED = 20
ORGANIZES = "organizes_any_event"
EVENT_FILTER = "event__id__exact"


def _by(title: Any) -> type[admin.RelatedOnlyFieldListFilter]:
    """A filter by what photos belong to, with a title that is translated."""

    class By(admin.RelatedOnlyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return By


@admin.register(Photo)
class PhotoAdmin(DeskAdmin):
    """Photographers see the photos of their events; organizers may change them."""

    list_display = ["name"]
    list_filter: Sequence[Any] = [
        ("event", _by(_("event"))),
        "status",
        "hidden",
        "moderation",
        ("uploader", _by(_("uploader"))),
    ]
    list_select_related = ["event", "uploader"]
    list_per_page = 60
    list_before_template = "photos/desk/_list_head.html"
    show_full_result_count = False
    search_fields = ["name"]
    search_help_text = _("Search by file name")
    ordering = ["-id"]
    actions: Sequence[Any] = ["hide", "show", moderation.approve, moderation.reject, "remove"]
    # Hiding is a button of the page, not a field: a page that was opened before somebody else hid
    # the photo must not show it again when it is saved.
    fields = ["picture", "name", "added_by", "status", "moderation", "taken_at"]
    readonly_fields = ["picture", "name", "added_by", "status", "moderation"]

    def scope(self, rows: QuerySet[Photo], user: Any) -> QuerySet[Photo]:
        return rows.filter(event__in=Event.objects.uploadable_by(user).values("pk"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Photos come in by the upload page, not by a form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if not self.has_view_permission(request, obj):
            return False
        if isinstance(obj, Photo) and obj.pk:
            return is_organizer(request.user, obj.event)
        return _organizes_any(request)

    has_delete_permission = has_change_permission

    def own(self, request: HttpRequest, photos: QuerySet[Photo]) -> PhotoQuerySet:
        """Those of the photos that the user may change. What a list shows may be more."""
        events = Event.objects.organized_by(request.user).values("pk")
        return Photo.objects.filter(pk__in=photos.order_by().values("pk"), event__in=events)

    def get_urls(self) -> list[URLPattern]:
        page, wrap = self.admin_site.admin_view, "photos_photo_"
        mine = [
            path("upload/<int:event_id>/", page(desk_upload.upload), name=f"{wrap}upload"),
            path("upload/<int:event_id>/known/", desk_upload.known, name=f"{wrap}known"),
            path("upload/<int:event_id>/file/", desk_upload.receive, name=f"{wrap}receive"),
            path("<int:photo_id>/<str:kind>.jpg", page(self.serve), name=f"{wrap}picture"),
            path("act/", page(require_POST(self.act)), name=f"{wrap}act"),
        ]
        return [*mine, *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Django's own deletion would list every face and match it takes along."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # --- pictures ---

    def serve(self, request: HttpRequest, photo_id: int, kind: str) -> HttpResponseBase:
        """A thumbnail or preview for the desk, within the user's events."""
        photo = get_object_or_404(self.get_queryset(request), pk=photo_id)
        wanted = kind if kind in ("thumbnail", "preview") else "thumbnail"
        return serving.response(photo, wanted, download=False, request=request)

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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        events = list(Event.objects.uploadable_by(request.user)[:EVENTS_OFFERED])
        event = _event_shown(request, events)
        context = {
            "upload_events": events,
            "event": event,
            "organizes": event is not None and is_organizer(request.user, event),
        }
        response: HttpResponse = super().changelist_view(request, context | (extra_context or {}))
        return response

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The grid is drawn by a tag that hands on the list and nothing else."""
        changelist: ChangeList = super().get_changelist_instance(request)
        if not changelist.query and set(changelist.params) <= {EVENT_FILTER}:
            # Else the theme offers to show all where all are shown; counting them takes long.
            changelist.full_result_count = changelist.result_count
        changelist.may_change = self.has_change_permission(request)  # type: ignore[attr-defined]
        return changelist

    @admin.action(description=_("Hide from guests"), permissions=["change"])
    def hide(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        self._set_hidden(request, self.own(request, photos), hidden=True)

    @admin.action(description=_("Show to guests"), permissions=["change"])
    def show(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        self._set_hidden(request, self.own(request, photos), hidden=False)

    @admin.action(description=_("Delete…"), permissions=["delete"])
    def remove(self, request: HttpRequest, photos: QuerySet[Photo]) -> TemplateResponse:
        return self._ask_to_remove(request, photos, back=request.get_full_path())

    def _ask_to_remove(
        self, request: HttpRequest, photos: QuerySet[Photo], *, back: str
    ) -> TemplateResponse:
        """The ids go in one field: a field each would be too many for one request."""
        chosen = self.own(request, photos).order_by("-pk")
        ids = list(chosen.values_list("pk", flat=True))
        context = self.admin_site.each_context(request) | {
            "title": _("Delete photos"),
            "opts": self.opts,
            "ids": ",".join(map(str, ids)),
            "count": len(ids),
            "some": chosen.ready()[:12],
            "back": back,
        }
        return TemplateResponse(request, "photos/desk/remove.html", context)

    # --- one button, one action: of a card, of a message, of the confirmation ---

    def act(self, request: HttpRequest) -> HttpResponseBase:
        """Do what the pressed button names, and go back to where it was."""
        for name in self.card_actions:
            if name in request.POST:
                getattr(self, f"do_{name}")(request, request.POST[name])
                return HttpResponseRedirect(self._back(request))
        return HttpResponse(status=400)

    card_actions = ["hide", "show", "undo", "remove"]

    def do_hide(self, request: HttpRequest, ids: str) -> None:
        self._set_hidden(request, self._chosen(request, ids), hidden=True)

    def do_show(self, request: HttpRequest, ids: str) -> None:
        self._set_hidden(request, self._chosen(request, ids), hidden=False)

    def do_undo(self, request: HttpRequest, token: str) -> None:
        """Take back the last hiding or showing, of exactly the photos it changed."""
        last = request.session.pop(UNDO_KEY, None)
        if last is None or last["token"] != token:
            messages.warning(request, _("That can no longer be undone."))
            return
        photos = self.own(request, Photo.objects.filter(pk__in=last["ids"]))
        curating.set_hidden(photos, hidden=not last["hidden"], by=request.user)
        messages.success(request, _("Undone."))

    def do_remove(self, request: HttpRequest, ids: str) -> None:
        photos = self._chosen(request, ids)
        removed = curating.remove(list(photos.values_list("pk", flat=True)), by=request.user)
        text = ngettext("%(count)d photo is deleted.", "%(count)d photos are deleted.", removed)
        messages.success(request, text % {"count": removed})

    def _set_hidden(self, request: HttpRequest, photos: PhotoQuerySet, *, hidden: bool) -> None:
        ids = curating.set_hidden(photos, hidden=hidden, by=request.user)
        if not ids:
            messages.info(request, _("Nothing changed."))
            return
        token = secrets.token_urlsafe(8)
        request.session[UNDO_KEY] = {"token": token, "ids": ids, "hidden": hidden}
        messages.success(request, _with_undo(_hidden_text(len(ids), hidden=hidden), token))

    def _chosen(self, request: HttpRequest, ids: str) -> PhotoQuerySet:
        """The photos of a button. 404 where the user sees none of them, 403 where only sees."""
        wanted = registry.ids(ids.split(","))
        photos = self.own(request, Photo.objects.filter(pk__in=wanted))
        if not photos.exists():
            get_object_or_404(self.get_queryset(request).filter(pk__in=wanted)[:1])
            raise PermissionDenied
        return photos

    def _back(self, request: HttpRequest) -> str:
        address = request.POST.get("next", "")
        if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
            return address
        return reverse("admin:photos_photo_changelist")

    def save_model(
        self, request: HttpRequest, obj: Photo, form: ModelForm[Photo], change: bool
    ) -> None:
        """Only the time was asked: the rest may have changed since the photo was read."""
        if "taken_at" in form.changed_data:
            with transaction.atomic():
                obj.save(update_fields=["taken_at"])
                audit.record(obj.event, "photo_dated", by=request.user)

    # --- the pages of one photo ---

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Times are those of the event's place, as on its own page."""
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
        photo = self._photo(request, object_id)
        if not self.has_delete_permission(request, photo):
            raise PermissionDenied
        one = Photo.objects.filter(pk=photo.pk)
        return self._ask_to_remove(request, one, back=_list_of(photo.event))

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What was done to photos is in the log of their event, which its organizers read."""
        return redirect("admin:events_event_history", self._photo(request, object_id).event_id)

    def _photo(self, request: HttpRequest, object_id: str) -> Photo:
        photo: Photo | None = self.get_object(request, object_id)
        if photo is None:
            raise Http404
        return photo


def _organizes_any(request: HttpRequest) -> bool:
    """Asked many times for one page, of the database once."""
    if not hasattr(request, ORGANIZES):
        setattr(request, ORGANIZES, Event.objects.organized_by(request.user).exists())
    return bool(getattr(request, ORGANIZES))


def _list_of(event: Event) -> str:
    return f"{reverse('admin:photos_photo_changelist')}?{EVENT_FILTER}={event.pk}"


def _event_shown(request: HttpRequest, events: list[Event]) -> Event | None:
    """The event whose photos the list is narrowed to; the only one, where there is but one."""
    if chosen := registry.ids(request.GET.getlist(EVENT_FILTER)):
        return Event.objects.uploadable_by(request.user).filter(pk__in=chosen).first()
    return events[0] if len(events) == 1 and EVENT_FILTER not in request.GET else None


def _hidden_text(count: int, *, hidden: bool) -> str:
    if hidden:
        text = ngettext(
            "%(count)d photo is hidden from guests.",
            "%(count)d photos are hidden from guests.",
            count,
        )
    else:
        text = ngettext(
            "%(count)d photo is shown to guests again.",
            "%(count)d photos are shown to guests again.",
            count,
        )
    return text % {"count": count}


def _with_undo(text: str, token: str) -> str:
    """The button belongs to the list's form, which has the CSRF token."""
    return format_html(
        '{} <button type="submit" form="desk-act" name="undo" value="{}" class="desk-undo">'
        "{}</button>",
        text,
        token,
        _("Undo"),
    )
