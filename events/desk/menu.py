"""The desk's menu: what there is beside the pages of each event."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import Event


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Who only photographs finds the events to upload to in the overview."""
    links = [_link(_("Overview"), "home", "admin:index")]
    if request.user.is_staff or Event.objects.with_role(request.user, "organizer").exists():
        links.append(_link(_("Events"), "event", "admin:events_event_changelist"))
    links.append(_link(_("Photos"), "photo_library", "admin:photos_photo_changelist"))
    if getattr(request.user, "is_superuser", False):
        links.append(_link(_("People"), "group", "admin:events_user_changelist"))
    links.append(_link(_("Security"), "passkey", "mfa_index"))
    return [{"title": "", "separator": False, "items": links}]


def _link(title: str, icon: str, address: str) -> dict[str, str]:
    return {"title": title, "icon": icon, "link": reverse(address)}
