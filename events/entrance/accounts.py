"""How django-allauth behaves here: guests get in through an event, with a code by e-mail."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events import letters
from events.entrance import proof, second_factor
from events.models import User
from findme.language import current_language

logger = logging.getLogger(__name__)

# The join page a guest came from, in the session: an address does not survive wrong codes.
JOINING = "joining"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": gettext_lazy(
            "There were too many attempts. Please wait a minute, then ask for a new code."
        )
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No accounts without an event: the join page makes them."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Whoever was about to join an event goes on there."""
        return str(request.session.pop(JOINING, "") or super().get_login_redirect_url(request))

    def login(self, request: HttpRequest, user: User) -> None:
        """Where a second factor was asked in between, allauth forgets that somebody came with a
        password, by the desk's way."""
        if not hasattr(user, "backend") and second_factor.came_by_password(request, user):
            user.backend = proof.DESK
        super().login(request, user)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """By a second factor. For who has none there is `events.entrance.proof`."""
        return second_factor.ways_to_show(user) if user.is_authenticated else []

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As a letter of ours, in the language of the page on which it was asked for.

        Without a mail server nobody can sign in, and is told so.
        """
        name = template_prefix.removeprefix("account/email/")
        try:
            letters.send(
                name,
                address=email,
                language=current_language(),
                context={**context, "email": email},
            )
        except OSError as error:  # smtplib's exceptions are OSErrors
            logger.error("sign_in_mail_failed error=%s", type(error).__name__)
            page = render(
                self.request, "account/mail_away.html", status=HTTPStatus.SERVICE_UNAVAILABLE
            )
            raise ImmediateHttpResponse(page) from error


def confirm_login_code(request: HttpRequest) -> HttpResponse:
    """allauth's page, which says nothing when a code came too late."""
    response: HttpResponse = account.confirm_login_code(request)
    is_sent_back = response.headers.get("Location") == reverse("account_request_login_code")
    if request.method == "POST" and is_sent_back and not len(messages.get_messages(request)):
        messages.error(request, _("This code is not valid any more. Ask for a new one."))
    return response
