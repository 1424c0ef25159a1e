"""What galleries answer on a short way: that nothing changed since the browser last asked."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

from events.entrance import proof
from events.visits import Visitor
from findme.http import not_modified
from findme.serving import shortcuts
from photos import audience
from photos.gallery import freshness, screen_code, versions
from photos.gallery.versions import Version

# What an address says where General is narrowed, or looked at otherwise.
WHOLE_WAY = frozenset({"by", "section", audience.PARAMETER})


def general(request: HttpRequest, slug: str) -> HttpResponseBase | None:
    """One query; what it is narrowed to, the whole way knows."""
    return _known(request, slug, versions.of_visitor)


def news(request: HttpRequest, slug: str) -> HttpResponseBase | None:
    """The same of what General asks about news: it counts what everybody sees."""
    return _known(request, slug, versions.of_everybody)


def slides(request: HttpRequest, slug: str, code: str) -> HttpResponseBase | None:
    """The slideshow's list, which each screen asks for every two seconds. One query."""
    if "If-None-Match" not in request.headers:
        return None
    found = versions.live(slug, code)
    answer = found and not_modified(request, screen_code.etag(*found))
    if not answer:
        return None
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def _known(
    request: HttpRequest, slug: str, version_of: Callable[[Visitor], Version]
) -> HttpResponseBase | None:
    if "If-None-Match" not in request.headers or WHOLE_WAY & request.GET.keys():
        return None
    visitor = proof.visitor(request, slug, versions.OF_VISIT)
    if visitor is None:
        return None
    return freshness.known(request, visitor.event, f"{version_of(visitor)} None")


shortcuts.register("", general)
shortcuts.register("news/", news)
shortcuts.register(r"live/([-a-zA-Z0-9_]+)/slides\.json", slides)
