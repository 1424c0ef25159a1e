"""Which kind of answer a request wants, the one way of answering 304, refusals to people and to
scripts, JSON that is sent, and the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.http.request import RawPostDataException, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.http import url_has_allowed_host_and_scheme

from findme.refusals import Later, Refusal, code_and_reason, words_of

# More than any page of ours sends: it asks for 500 hashes at once, which are 34 kB.
JSON_MAX_BYTES = 2**18
JSON_MAX_DEPTH = 8
_TEXT_IN_JSON = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class BadJson(Refusal):
    """What was sent is no JSON that we take: broken, too long or nested too deeply."""

    def __init__(self) -> None:
        super().__init__("bad_request")


class LaterAnswered:
    """Answers what is refused for the moment, wherever in a view that was found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return later(request, exception) if isinstance(exception, Later) else None


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which stays on its page."""
    return request.accepts("application/json") and not request.accepts("text/html")


def refusal_response(code: str, *, status: int, **more: str) -> JsonResponse:
    """Tells a script that it is refused, and why: `{code, reason}`, and `more`."""
    return JsonResponse(more | code_and_reason(code), status=status)


def refusal_page(request: HttpRequest, code: str, *, status: int) -> HttpResponse:
    """Tells whoever asks that it is refused, and why: a page, or JSON to scripts."""
    if wants_json(request):
        answer: HttpResponse = refusal_response(code, status=status)
    else:
        page = "429.html" if status == 429 else "refused.html"
        answer = HttpResponse(render_to_string(page, {"words": words_of(code)}), status=status)
    add_never_cache_headers(answer)
    return answer


def later(request: HttpRequest, refused: Later) -> HttpResponse:
    """The same, and when to come back."""
    answer = refusal_page(request, refused.code, status=refused.status)
    answer["Retry-After"] = str(refused.seconds)
    return answer


def read_json(
    request: HttpRequest, *, max_bytes: int = JSON_MAX_BYTES, max_depth: int = JSON_MAX_DEPTH
) -> Any:
    """The JSON in a request's body. Raises `BadJson`, never `RecursionError`."""
    try:
        body = request.body
        if len(body) > max_bytes or _depth(body) > max_depth:
            raise BadJson
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RawPostDataException, UnreadablePostError, RequestDataTooBig) as error:
        raise BadJson from error


def unless_known(
    request: HttpRequest, etag: str, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """The answer with its ETag; 304, and nothing made, where the browser names this ETag.

    A form that is sent is answered whatever the browser has.
    """
    found = not_modified(request, etag) or answer()
    found["ETag"] = etag
    return found


def not_modified(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """304 with its ETag where the browser names it; else None."""
    if request.method not in ("GET", "HEAD"):
        return None
    found = get_conditional_response(request, etag=etag)
    if found is not None:
        found["ETag"] = etag
    return found


def next_page(request: HttpRequest, name: str = "next") -> str:
    """The page of ours that a form or a link names to go on to, or nothing."""
    address = request.POST.get(name, "") or request.GET.get(name, "")
    return address if _is_ours(request, address) else ""


def back(request: HttpRequest, *, otherwise: str) -> HttpResponseRedirect:
    """Lead to the page of ours that a form was on (`next`, or where it came from)."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if _is_ours(request, address):
            return HttpResponseRedirect(address)
    return HttpResponseRedirect(otherwise)


def _depth(body: bytes) -> int:
    """How deeply lists and objects are nested; in time that grows with the length alone."""
    depth = deepest = 0
    for sign in re.findall(rb"[\[\]{}]", _TEXT_IN_JSON.sub(b"", body)):
        depth += 1 if sign in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _is_ours(request: HttpRequest, address: str) -> bool:
    """Whole, or from the root on: a word alone would be taken for a view's name."""
    is_whole = address.startswith(("/", "http://", "https://"))
    return is_whole and url_has_allowed_host_and_scheme(address, {request.get_host()})
