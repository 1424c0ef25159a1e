"""How django-allauth behaves here: guests get in through an event, with a code by e-mail."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from events import letters
from events.access import role_waits
from events.entrance import login_codes, proof, proving, second_factor
from events.models import CHILDREN_DOMAIN, Event, User
from findme import limits
from findme.http import next_page
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
        """Whoever was about to join an event goes on there, and who has but one, to that."""
        to_join = str(request.session.pop(JOINING, ""))
        return to_join or _only_event(request) or str(super().get_login_redirect_url(request))

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
        """As a letter of ours, in the language of the page on which it was asked for. allauth's
        links begin with what the request calls this host: ours do not.

        Without a mail server nobody can sign in, and is told so.
        """
        name = template_prefix.removeprefix("account/email/")
        if name == "unknown_account":
            name = _to_nobody(self.request, email)
        link = f"{settings.SITE_URL}{reverse('account_signup')}"
        own = {"code": context.get("code", ""), "email": email, "signup_url": link}
        try:
            if name:
                letters.send(
                    name,
                    address=email,
                    language=current_language(),
                    context=own,
                    asked_by=self.request,
                )
        except letters.MailboxFull as full:
            raise ImmediateHttpResponse(limits.refused(self.request, "code_mail")) from full
        except (letters.NotSent, letters.Unanswered) as error:
            logger.error("sign_in_mail_failed error=%s", error)
            page = render(
                self.request, "account/mail_away.html", status=HTTPStatus.SERVICE_UNAVAILABLE
            )
            raise ImmediateHttpResponse(page) from error


def _only_event(request: HttpRequest) -> str:
    """Where whoever belongs to one open event, and to no other, wants to be: a guest among their
    photos, whoever works there among all. At most two queries."""
    events = list(Event.objects.joined_by(request.user)[:2])
    if len(events) != 1 or not events[0].is_open(timezone.now()):
        return ""
    event = events[0]
    is_guest = event.memberships.of(request.user).guests().exists()
    return reverse("my_photos" if is_guest else "general", args=[event.slug])


def _to_nobody(request: HttpRequest, email: str) -> str:
    """What is written to an address that no account signs in with, while the page says what it
    always says: that no account has it, that theirs is switched off; or nothing."""
    if email.lower().endswith(f"@{CHILDREN_DOMAIN}"):
        return ""  # a child's, or nobody's: it is no mailbox
    user = User.objects.with_email(email)
    if user is not None:
        return "account_off"
    return "unknown_account" if limits.consume(request, "stranger_mail") else ""


@require_http_methods(["GET", "HEAD", "POST"])
def request_login_code(request: HttpRequest) -> HttpResponseBase:
    """allauth's page, whose own limit would have a wedding's guests wait for each other. It leads
    on whoever is signed in: who has something to prove first, to the page for that. A link of an
    invitation comes here."""
    user = request.user
    if isinstance(user, User) and (user.unproven_in is not None or role_waits(user)):
        return proof.ask(request, next_page(request) or reverse("home"))
    if request.method == "POST":
        login_codes.demand(request, request.POST.get("email", ""))
    response: HttpResponseBase = account.request_login_code(request)
    return response


def _confirm_login_code(request: HttpRequest) -> HttpResponse:
    """allauth's page, which says nothing when a code came too late."""
    response: HttpResponse = account.confirm_login_code(request)
    is_silent = request.method == "POST" and not len(messages.get_messages(request))
    if is_silent and proving.is_sent_back(response):
        messages.error(request, _("This code is not valid any more. Ask for a new one."))
    return response


confirm_login_code = proving.also_signed_in(_confirm_login_code)
