"""What is answered where something broke: 503 while the database is away, else 500."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from findme.http import wants_json
from findme.refusals import words_of

logger = logging.getLogger(__name__)

RETRY_SECONDS = 15


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while the exception is handled. Needs no database itself."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError):
        return defaults.server_error(request)
    logger.error("database_away error=%s", type(error.__cause__ or error).__name__)
    # Scripts wait, and go on by themselves.
    if wants_json(request):
        answer: HttpResponse = JsonResponse(
            {"code": "database_away", "reason": words_of("database_away")}
        )
    else:
        answer = HttpResponse(render_to_string("503.html"))
    answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
