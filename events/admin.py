"""The organizers' desk: events and people. Organizers see their own, superusers all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from auditlog.models import LogEntry
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from events import audit
from events.access import may_open_desk
from events.desk import bin_views, moments, naming, organizing, registry, roles, views
from events.desk.forms import EventForm, NewEventForm
from events.models import Event, User
from findme import jobs

# What organizers need not see: groups, allauth's addresses, the queue's tables (see `doctor`).
# The log is read on each event's page.
for model in (Group, EmailAddress, Authenticator, Failure, OrmQ, Schedule, Success, LogEntry):
    admin.site.unregister(model)


class TitledAdmin(ModelAdmin):  # type: ignore[misc]
    """Pages called by what they show. Django's own titles are sentences with a model's name put in,
    which French does not bear: “Modification de événement”."""

    title_of_new: Any = ""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        title = capfirst(self.opts.verbose_name) if object_id else self.title_of_new
        context = {"title": title, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)


class DeskAdmin(TitledAdmin):
    """Scoped by `scope`: what is not in an organizer's events does not exist for them (404)."""

    formfield_overrides = moments.FIELDS

    def scope(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.scope(super().get_queryset(request), request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_open_desk(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_open_desk(request.user) and self._is_in_scope(request, obj)

    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Making events is for those who were given the desk, not lent it for one event."""
        user = request.user
        return bool(user.is_active and getattr(user, "is_staff", False))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """A plain 404 instead of a redirect that says the object may have been deleted."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """What is ticked is looked for by id, and Django would fail over what is none."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if len(registry.ids(ticked)) < len(ticked):
            raise BadRequest("not an id")
        return super().response_action(request, queryset)

    def _is_in_scope(self, request: HttpRequest, obj: Model | None) -> bool:
        return (
            obj is None or obj.pk is None or self.get_queryset(request).filter(pk=obj.pk).exists()
        )


@admin.register(Event)
class EventAdmin(DeskAdmin):
    title_of_new = _("New event")
    list_display = ["titled", "dates", "state", "created"]
    search_fields = ["name", "slug"]
    search_help_text = _("Name or address")
    ordering = ["-starts_on", "-id"]
    list_before_template = "events/desk/_bin_link.html"
    form = EventForm
    radio_fields = {"indexing": admin.VERTICAL, "general": admin.VERTICAL}
    warn_unsaved_form = True
    add_fieldsets = [
        (None, {"fields": ["name", ("starts_on", "ends_on")]}),
        (_("Guests’ faces"), {"fields": ["indexing", "proof_first"]}),
        (_("Who is responsible"), {"fields": [("controller_name", "controller_contact")]}),
    ]
    fieldsets = [
        (None, {"fields": ["name", ("starts_on", "ends_on"), "welcome", "veiled_cover"]}),
        (_("Guests"), {"fields": ["join_until", "slug", "proof_first"]}),
        (_("Who sees what"), {"fields": ["general", "general_from", "publish_first"]}),
        (_("Photos"), {"fields": ["downloads", "time_zone", "hide_on_request", "slideshow_qr"]}),
        (
            _("Guests’ photos"),
            {"fields": ["guest_uploads", "guest_upload_quota", "guest_upload_moderation"]},
        ),
        (_("Recognition"), {"fields": ["match_threshold", "indexing"]}),
        (_("Who is responsible"), {"fields": [("controller_name", "controller_contact")]}),
        (_("Keeping"), {"fields": ["faces_kept_days", "delete_on"]}),
    ]

    def scope(self, rows: QuerySet[Event], user: Any) -> QuerySet[Event]:
        own = rows.filter(pk__in=Event.objects.organized_by(user).values("pk"))
        return own.with_namesakes(user)  # type: ignore[attr-defined, no-any-return]

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_form(self, request: HttpRequest, obj: Event | None = None, **kwargs: Any) -> Any:
        form = EventForm if obj else NewEventForm
        return super().get_form(request, obj, **{"form": form, **kwargs})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Events are deleted one by one, with their name typed: never from the list."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:event_id>/{page.path}",
                self.admin_site.admin_view(self._in_scope(page.view)),
                name=page.url_name,
            )
            for page in registry.pages()
        ]
        page_of = self.admin_site.admin_view
        of_bin = [
            path("bin/", page_of(bin_views.event_bin), name="events_bin"),
            path("bin/<int:event_id>/", page_of(bin_views.delete), name="events_bin_delete"),
            path("bin/<int:event_id>/out/", page_of(bin_views.restore), name="events_bin_restore"),
        ]
        return [*of_bin, *pages, *super().get_urls()]

    def _in_scope(self, view: registry.DeskView) -> Callable[..., HttpResponseBase]:
        """Whatever the method: first whose event it is, then what is asked of it."""

        @wraps(view)
        def scoped(request: HttpRequest, event_id: int, **kwargs: Any) -> HttpResponseBase:
            event = get_object_or_404(self.get_queryset(request), pk=event_id)
            with timezone.override(event.zone):  # times on the page are the event's
                return view(request, event, **kwargs)

        return scoped

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return views.delete(request, self.get_object(request, object_id))  # type: ignore[return-value]

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return views.log(request, self.get_object(request, object_id))  # type: ignore[return-value]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One way to save; times are read and shown as those of the event's place."""
        context = {
            "panels": registry.panels(),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
            "show_delete": False,  # on the page itself, beside closing
            **(extra_context or {}),
        }
        event = self.get_object(request, object_id) if object_id else None
        if event is not None:
            context["subtitle"] = naming.told_apart(event)
        with timezone.override(event.zone if event else None):
            answer = super().changeform_view(request, object_id, form_url, context)
            return answer.render() if hasattr(answer, "render") else answer

    def response_change(self, request: HttpRequest, obj: Event) -> HttpResponse:
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(views.event_address(obj))

    def save_model(
        self, request: HttpRequest, obj: Event, form: ModelForm[Event], change: bool
    ) -> None:
        if not change and isinstance(request.user, User):
            organizing.set_up(obj, organizer=request.user)
            return
        if "delete_on" in form.changed_data:
            obj.deletion_warned_at = None
        super().save_model(request, obj, form, change)
        if kept := getattr(form, "kept", {}):
            fields = get_text_list([audit.field_label(name) for name in kept], _("and"))
            messages.info(request, _("Changed by somebody else meanwhile, and kept: %s.") % fields)
        if "indexing" in form.changed_data:
            jobs.enqueue("rescan", obj.pk)
            messages.info(request, _("All photos are being looked at again."))
        elif "match_threshold" in form.changed_data:
            before = form.initial["match_threshold"]
            registry.threshold_changed.send(sender=Event, event=obj, before=before)
            messages.info(request, _("The guests are being matched with the new threshold."))

    def response_add(
        self, request: HttpRequest, obj: Event, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to the event's page, where the QR code and the next steps are."""
        messages.success(request, _("“%(event)s” is ready.") % {"event": obj.name})
        return HttpResponseRedirect(views.event_address(obj))

    @admin.display(description=_("name"), ordering="name")
    def titled(self, event: Event) -> str:
        """With its address, where two have one name."""
        return naming.named(event)

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, event: Event) -> str:
        return date_format(timezone.localtime(event.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("dates"), ordering="starts_on")
    def dates(self, event: Event) -> str:
        return event.short_period

    @display(  # type: ignore[untyped-decorator]
        description=_("state"),
        label={"open": "success", "closed": "warning", "ending": "danger"},
    )
    def state(self, event: Event) -> tuple[str, str]:
        return views.state(event)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, TitledAdmin):  # type: ignore[type-arg]
    """People, for superusers only: organizers find their guests in their events."""

    title_of_new = _("New person")
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "date_joined"]
    search_fields = ["email", "name"]
    filter_horizontal = []
    list_filter = ["is_staff", "is_superuser", "is_active"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "language"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2", "is_staff"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Without children: they are their guardian's, who manages them under My privacy."""
        return super().get_queryset(request).filter(guardian=None)

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        """With another address, whoever reads the old mailbox is out: see `roles.leave_mailbox`."""
        super().save_model(request, obj, form, change)
        before = form.initial.get("email", "") if change else ""
        if before and before != obj.email:
            roles.leave_mailbox(obj, before, keep=request.session.session_key)
