"""Answers requests whose account, event or photo was deleted while they ran, or whose session ended
with the account's first proof."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.defaults import page_not_found
from psycopg2.errors import ForeignKeyViolation

from events.models import Event, Membership, User

logger = logging.getLogger(__name__)

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
        return page_not_found(request, Http404())
