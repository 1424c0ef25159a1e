"""Codes by e-mail, for whoever signs in or proves an address."""

from __future__ import annotations

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.http import HttpRequest

from events import letters
from events.models import User
from findme import limits


def send(request: HttpRequest, email: str) -> None:
    """Begin to sign in with a code; of whoever cannot, too. Raises `TooMany`."""
    demand(request, email)
    user = User.objects.with_email(email)
    active = user if user is not None and user.is_active else None
    LoginCodeVerificationProcess.initiate(request=request, user=active, email=email)


def demand(request: HttpRequest, email: str) -> None:
    """Count a code that is asked for. Raises `TooMany`."""
    limits.demand(request, "sign_in")
    limits.demand(request, "request_login_code", key=letters.mailbox_of(email))
