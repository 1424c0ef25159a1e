"""What is answered when something is away: an account, event or photo that was deleted while the
request ran, a session that ended with the account's first proof, or the database."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from django.contrib.auth import logout
from django.core.exceptions import TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views import defaults
from psycopg2.errors import ForeignKeyViolation

from events.models import Event, Membership, User
from findme.http import refusal_response, wants_json

logger = logging.getLogger(__name__)

RETRY_SECONDS = 15
GONE = (Event.DoesNotExist, Membership.DoesNotExist, User.DoesNotExist)


class GoneMeanwhile:
    """Answers then as the next request will be answered: by the start page where the account is
    gone, else by "not found". Everything that the request had begun is undone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        is_dangling = isinstance(exception.__cause__, ForeignKeyViolation)
        if not is_dangling and not isinstance(exception, GONE):
            return None
        if request.user.is_authenticated and not User.objects.filter(pk=request.user.pk).exists():
            logger.info("gone_meanwhile code=account")
            logout(request)
            return redirect("home")
        logger.warning("gone_meanwhile code=row", exc_info=exception)
        return not_found(request, Http404())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django looks for a form's token before it answers; where the form cannot be read it asks for
    it once, and finds none the next time."""
    with suppress(MultiPartParserError, TooManyFilesSent):
        return defaults.page_not_found(request, exception)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database is away, else 500. Django calls it while the exception is handled;
    it needs no database itself."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError):
        return defaults.server_error(request)
    logger.error("database_away error=%s", type(error.__cause__ or error).__name__)
    status = HTTPStatus.SERVICE_UNAVAILABLE
    # Scripts wait, and go on by themselves.
    if wants_json(request):
        answer: HttpResponse = refusal_response("database_away", status=status)
    else:
        answer = HttpResponse(render_to_string("503.html"), status=status)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
