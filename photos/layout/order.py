"""Whether a gallery begins with its newest photo or with its oldest, and how large rows are: what a
browser remembers of how its guest likes to look."""

from __future__ import annotations

from typing import Final, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

COOKIE, DENSITY_COOKIE = "gallery_order", "gallery_density"
REMEMBERED_SECONDS = 365 * 24 * 3600
DENSITIES = {"large", "small"}


Order = Literal["newest", "oldest"]
NEWEST: Final = "newest"
OLDEST: Final = "oldest"


def order_of(request: HttpRequest) -> Order:
    """As the address says, or else as this browser remembers. Whatever is neither, is newest."""
    return _read(request.GET.get("order")) or _read(request.COOKIES.get(COOKIE)) or NEWEST


def query_of(request: HttpRequest) -> dict[str, str]:
    """What addresses of the same gallery say besides: nothing where no order was ever chosen.

    A page goes on in its order, whatever is chosen in another tab meanwhile.
    """
    is_chosen = _read(request.GET.get("order")) or _read(request.COOKIES.get(COOKIE))
    return {"order": order_of(request)} if is_chosen else {}


def density_of(request: HttpRequest) -> str:
    """`large`, `small`, or nothing for what fits most; a script writes the cookie."""
    said = request.COOKIES.get(DENSITY_COOKIE, "")
    return said if said in DENSITIES else ""


def is_chosen_now(request: HttpRequest) -> bool:
    """Whether a guest goes to a gallery to see it in that order, and not a script for its pages."""
    is_page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    return is_page and _read(request.GET.get("order")) is not None


def remember(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer, by which the browser keeps the order that was chosen."""
    if is_chosen_now(request):
        response.set_cookie(
            COOKIE,
            order_of(request),
            max_age=REMEMBERED_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _read(said: str | None) -> Order | None:
    if said == OLDEST:
        return OLDEST
    return NEWEST if said == NEWEST else None
