"""The language of the pages: chosen on a page, remembered on the account, else the browser's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.views.i18n import set_language as set_language_cookie

from events.models import User


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own switch, which sets a cookie; it is remembered on the account too, so that
    e-mail and other devices speak it."""
    response = set_language_cookie(request)
    chosen = response.cookies.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen and isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=chosen.value)
    return response


class AccountLanguage:
    """Speaks the account's language where this browser has chosen none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A visitor without a session costs no query here.
        if not _has_chosen(request) and SESSION_KEY in request.session:
            language = _of_account(request.user)
            if language:
                translation.activate(language)
                request.LANGUAGE_CODE = language
        return self.get_response(request)


def language_of(request: HttpRequest, user: User) -> str:
    """Which one the middleware, after Django's own, would have the page speak."""
    account = "" if _has_chosen(request) else _of_account(user)
    return account or translation.get_language_from_request(request)


def _has_chosen(request: HttpRequest) -> bool:
    return settings.LANGUAGE_COOKIE_NAME in request.COOKIES


def _of_account(user: object) -> str:
    language = getattr(user, "language", "")
    return language if language in dict(settings.LANGUAGES) else ""
