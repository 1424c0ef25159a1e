"""What makes the site installable: manifest, icons, and a page for when there is no network."""

from __future__ import annotations

import hashlib
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from findme.backends.static import bundle, bundle_url


@require_safe
@cache_control(max_age=3600)
@vary_on_headers("Accept-Language", "Cookie")
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest, in the guest's language."""
    icons = [_icon(size, "any") for size in (192, 512)] + [_icon(512, "maskable")]
    answer = {
        "id": "/",
        "name": "FindMe",
        "short_name": "FindMe",
        "description": _("The photos you are in, found for you."),
        "lang": get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbfaf7",
        "theme_color": "#12664f",
        "icons": icons,
    }
    return JsonResponse(answer, content_type="application/manifest+json")


@require_safe
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, served from the root so that it covers every page.

    Its cache is named after what is in it: other files, another cache, and the old one goes.
    """
    files = [reverse("offline"), *_offline_files()]
    page = render(request, "events/offline.html").content
    version = hashlib.sha256(json.dumps(files).encode() + page).hexdigest()[:12]
    context = {"files": json.dumps(files), "version": version}
    return render(request, "events/service_worker.js", context, content_type="text/javascript")


@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """Shown by the service worker. In both languages: nobody is there to ask for one."""
    return render(request, "events/offline.html")


def _offline_files() -> list[str]:
    """All that the offline page needs. Nothing of any guest is ever among it."""
    needed = bundle("site")
    names = [*needed["styles"], *needed["fonts"], *needed["scripts"]]
    return [*map(bundle_url, names), static("img/icon.svg")]


def _icon(size: int, purpose: str) -> dict[str, str]:
    name = f"img/icon-{size}.png" if purpose == "any" else f"img/icon-{purpose}-{size}.png"
    return {
        "src": static(name),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }
