"""How django-allauth behaves here: guests get in through an event, with a code by e-mail."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
        return request.session.pop(JOINING, "") or super().get_login_redirect_url(request)


def confirm_login_code(request: HttpRequest) -> HttpResponse:
    """allauth's page, which says nothing when a code came too late."""
    response: HttpResponse = account.confirm_login_code(request)
    is_sent_back = response.headers.get("Location") == reverse("account_request_login_code")
    if request.method == "POST" and is_sent_back and not len(messages.get_messages(request)):
        messages.error(request, _("This code is not valid any more. Ask for a new one."))
    return response
