"""Short ways to answers that pages ask for again and again, before anything else is done for them.

A picture, or "nothing changed" (304), takes longer on its way through what stands before a view
than in PostgreSQL. So a few addresses of events have a function that is asked first. It answers
where it is sure, after all the checks that the view would make; else it returns None, and the
request goes its whole way. See decision 22.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

# By request, the event's slug, and the texts of the pattern's groups.
Shortcut = Callable[..., HttpResponseBase | None]

EVENT = re.compile(r"/e/([-a-zA-Z0-9_]+)/")
# What every answer of the whole way says of itself: browsers use none again for another session.
DEPENDS_ON = ["Cookie", "Accept-Language"]

_shortcuts: list[tuple[re.Pattern[str], Shortcut]] = []


def register(pattern: str, shortcut: Shortcut) -> None:
    """`pattern`: what of an event's address follows after the slug, all of it."""
    _shortcuts.append((re.compile(pattern, re.ASCII), shortcut))


def event_slug(request: HttpRequest) -> str | None:
    """Whose address is asked for, as it stands there: nobody has looked whether there is one."""
    found = EVENT.match(request.path_info)
    return found[1] if found else None


class Shortcuts:
    """Stands behind what gives all answers their headers, and before everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._answer(request) or self.get_response(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase | None:
        slug = event_slug(request) if request.method == "GET" else None
        if slug is None:
            return None
        rest = request.path_info[len(slug) + 4 :]
        for pattern, shortcut in _shortcuts:
            if found := pattern.fullmatch(rest):
                request.get_host()  # raises where it is none of ours
                answer = shortcut(request, slug, *found.groups())
                if answer is not None:
                    patch_vary_headers(answer, DEPENDS_ON)
                return answer
        return None
