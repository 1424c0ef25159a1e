"""The organizers' desk: events and people. Organizers see their own events, staff all."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from events.codes import new_join_code
from events.models import Event, Membership, User
from findme import jobs

# What organizers need not see: groups, allauth's addresses, the queue's tables (see `doctor`).
for model in (Group, EmailAddress, Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


def is_desk_user(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(user.is_active and getattr(user, "is_staff", False))


class DeskAdmin(ModelAdmin):  # type: ignore[misc]
    """Scoped by `scope`: what is not in an organizer's events does not exist for them (404)."""

    def scope(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.scope(super().get_queryset(request), request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_desk_user(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_desk_user(request.user) and self._is_in_scope(request, obj)

    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_desk_user(request.user)

    def _is_in_scope(self, request: HttpRequest, obj: Model | None) -> bool:
        return (
            obj is None or obj.pk is None or self.get_queryset(request).filter(pk=obj.pk).exists()
        )

    def _get_obj_does_not_exist_redirect(
        self,
        request: HttpRequest,
        opts: Any,
        object_id: str,
    ) -> HttpResponseRedirect:
        """A plain 404 instead of a redirect that says the object may have been deleted."""
        raise Http404


GUEST_UPLOAD_FIELDS = ["guest_uploads", "guest_upload_quota", "guest_upload_moderation"]


class MembershipInline(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    raw_id_fields = ["user"]
    readonly_fields = ["joined_at"]
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows: QuerySet[Membership] = super().get_queryset(request)
        return rows.select_related("user").exclude(role=Membership.Role.GUEST)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    has_add_permission = has_view_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission


@admin.register(Event)
class EventAdmin(DeskAdmin):
    list_display = ["name", "starts_on", "ends_on", "join_code", "created_at"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["guest_link", "upload_link"]
    inlines = [MembershipInline]
    actions = ["rotate_join_code"]
    fieldsets = [
        (None, {"fields": ["name", "slug", ("starts_on", "ends_on"), "time_zone", "welcome"]}),
        (_("Guests"), {"fields": ["guest_link", "join_code", "join_until", "closed_at"]}),
        (_("Photos"), {"fields": ["upload_link", "downloads", "match_threshold", "indexing"]}),
        (_("Guests’ photos"), {"fields": GUEST_UPLOAD_FIELDS}),
    ]

    def scope(self, rows: QuerySet[Event], user: Any) -> QuerySet[Event]:
        return rows.filter(pk__in=Event.objects.organized_by(user).values("pk"))

    def save_model(
        self, request: HttpRequest, obj: Event, form: ModelForm[Event], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            organizer = Membership.Role.ORGANIZER
            obj.members.add(request.user, through_defaults={"role": organizer})  # type: ignore[arg-type]
        elif "indexing" in form.changed_data:
            jobs.enqueue("rescan", obj.pk)
        elif "match_threshold" in form.changed_data:
            jobs.enqueue("rematch", obj.pk)

    @admin.display(description=_("guest link"))
    def guest_link(self, obj: Event) -> str:
        if not obj.pk:
            return "–"
        return format_html('<a href="{0}">{0}</a>', f"{settings.SITE_URL}{obj.get_join_url()}")

    @admin.display(description=_("photos"))
    def upload_link(self, obj: Event) -> str:
        if not obj.pk:
            return str(_("Save the event first; then upload photos here."))
        address = reverse("admin:photos_photo_upload", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', address, _("Upload photos…"))

    @admin.action(description=_("Make a new join code (the old link stops working)"))
    def rotate_join_code(self, request: HttpRequest, events: QuerySet[Event]) -> None:
        for event in events:
            event.join_code = new_join_code()
            event.save(update_fields=["join_code"])
        self.message_user(request, _("New join codes are in force."))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """People, for staff only: organizers find their guests in their events."""

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
