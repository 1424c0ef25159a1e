"""The desk's menu: what there is beside the pages of each event."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    links = [
        _link(_("Overview"), "home", "admin:index"),
        _link(_("Events"), "event", "admin:events_event_changelist"),
        _link(_("Photos"), "photo_library", "admin:photos_photo_changelist"),
    ]
    if getattr(request.user, "is_superuser", False):
        links.append(_link(_("People"), "group", "admin:events_user_changelist"))
    return [{"title": "", "separator": False, "items": links}]


def _link(title: str, icon: str, address: str) -> dict[str, str]:
    return {"title": title, "icon": icon, "link": reverse(address)}
