"""What is answered where something broke: 503 while the database is away, else 500."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from findme.http import refusal_response, wants_json

logger = logging.getLogger(__name__)

RETRY_SECONDS = 15


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while the exception is handled. Needs no database itself."""
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
