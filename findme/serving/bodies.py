"""How much a request may send: refused by its announced length, before any of it is read.

The web server receives a whole body before anything of ours sees it, and Django reads a form
before a view is asked. Most views take no files; those that do say so, and how much. The server
asks here first (`why_unread`), Django's middleware again (`BodiesBounded`), which knows who is
asking and says it in words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, BinaryIO, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from findme import space
from findme.http import refusal_page, refusal_response, wants_json

logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])
# The longest form without files is a selection of photos: 20,000 of them are 280 kB.
FORM_MAX_BYTES = 2**19
# What is longer, or no number, is too much everywhere: Python itself refuses to read 5,000 digits.
MOST_DIGITS = 18
BEYOND = 10**MOST_DIGITS
# In a request's environment: why the server received nothing of its body.
UNREAD = "findme.unread"
# On a view: what it takes, and the code of what is too much.
_TAKES = "takes_files_of"
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def takes_files(
    most_bytes: Callable[[], int], *, code: str = "body_too_large"
) -> Callable[[View], View]:
    """Mark a view that takes files: of so many bytes together.

    Decorators that wrap a view properly keep the mark.
    """

    def mark(view: View) -> View:
        setattr(view, _TAKES, (most_bytes, code))
        return view

    return mark


class BodiesBounded:
    """Stands before whatever reads a body: Django's own protection of forms does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        length = _announced(request)
        if length is None:
            return _refuse(request, "length_missing", HTTPStatus.LENGTH_REQUIRED)
        if length <= FORM_MAX_BYTES:
            return None
        most_bytes, code = _taken_by(view)
        if length > most_bytes:
            return _refuse(request, code, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if request.content_type in FORMS and not request.user.is_authenticated:
            return _sign_in(request)
        if UNREAD in request.META:
            return _unread(request, request.META[UNREAD])
        return None


def why_unread(path: str, length: int, *, cookies: str, kind: str) -> str:
    """The code of why a body is not to be received at all; nothing where it is.

    `kind` is its type. Asks no database: it holds up everybody.
    """
    if length <= FORM_MAX_BYTES:
        return ""
    if f"{settings.SESSION_COOKIE_NAME}=" not in cookies:
        return "signed_out"
    try:
        most_bytes, code = _taken_by(resolve(path).func)
    except Resolver404:
        most_bytes, code = FORM_MAX_BYTES, "body_too_large"
    if length > most_bytes:
        return code
    return "" if space.takes_temporarily(length + copied(length, kind)) else "store_full"


def copied(length: int, kind: str) -> int:
    """How much of a body lies on disk once more: Django copies the files of a form."""
    return length if kind.lower().startswith("multipart/") else 0


def body_file(request: HttpRequest) -> BinaryIO | None:
    """The body as the web server keeps it, whole: a file that can be read from any place.

    Whoever would copy what is sent into a file of their own takes this one. None where the server
    hands the body over as it comes. It is the server's: it is not to be closed, nor written to.
    """
    stream: BinaryIO = request.META["wsgi.input"]
    return stream if hasattr(stream, "seekable") and stream.seekable() else None


def _taken_by(view: Callable[..., Any]) -> tuple[int, str]:
    """How much a view takes, and the code of what is more."""
    most_bytes, code = getattr(view, _TAKES, (lambda: FORM_MAX_BYTES, "body_too_large"))
    return most_bytes(), code


def _announced(request: HttpRequest) -> int | None:
    """The length of the body; None where one comes without saying how long it is."""
    text = str(request.META.get("CONTENT_LENGTH") or "")
    if not text:
        return None if "HTTP_TRANSFER_ENCODING" in request.META else 0
    is_length = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_length else BEYOND


def _refuse(request: HttpRequest, code: str, status: HTTPStatus) -> HttpResponseBase:
    logger.info("body_refused code=%s", code)
    return refusal_page(request, code, status=status)


def _unread(request: HttpRequest, code: str) -> HttpResponseBase:
    if code == "signed_out":
        return _sign_in(request)
    return _refuse(request, code, HTTPStatus.SERVICE_UNAVAILABLE)


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    """Nobody's files are taken on the way to being asked who it is."""
    logger.info("body_refused code=signed_out")
    if wants_json(request):
        return refusal_response("signed_out", status=HTTPStatus.UNAUTHORIZED)
    return redirect_to_login(request.get_full_path())
