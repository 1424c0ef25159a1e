"""Which kind of answer a request wants, the one way of answering 304, refusals to scripts, and
the way back."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import url_has_allowed_host_and_scheme

from findme.refusals import code_and_reason


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which stays on its page."""
    return request.accepts("application/json") and not request.accepts("text/html")


def refusal_response(code: str, *, status: int, **more: str) -> JsonResponse:
    """Tells a script that it is refused, and why: `{code, reason}`, and `more`."""
    return JsonResponse(more | code_and_reason(code), status=status)


def unless_known(
    request: HttpRequest, etag: str, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """The answer with its ETag; 304, and nothing made, where the browser names this ETag.

    A form that is sent is answered whatever the browser has.
    """
    is_read = request.method in ("GET", "HEAD")
    found = (is_read and get_conditional_response(request, etag=etag)) or answer()
    found["ETag"] = etag
    return found


def next_page(request: HttpRequest) -> str:
    """The page of ours that a form or a link names to go on to (`next`), or nothing."""
    address = request.POST.get("next", "") or request.GET.get("next", "")
    return address if _is_ours(request, address) else ""


def back(request: HttpRequest, *, otherwise: str) -> HttpResponseRedirect:
    """Lead to the page of ours that a form was on (`next`, or where it came from)."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if _is_ours(request, address):
            return HttpResponseRedirect(address)
    return HttpResponseRedirect(otherwise)


def _is_ours(request: HttpRequest, address: str) -> bool:
    return bool(address) and url_has_allowed_host_and_scheme(address, {request.get_host()})
