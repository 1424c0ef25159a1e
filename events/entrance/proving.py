"""Proving an address while one is signed in: by a code, and on to where it was needed.

For sessions that have proven nothing yet, for roles that were given since, and for what asks for a
proof of just now (`events.entrance.proof.is_fresh`). All that the session made stays.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from events.access import role_waits, user_of
from events.entrance import login_codes, proof
from events.models import User
from findme.http import next_page

logger = logging.getLogger(__name__)

# In the session, while a code is asked for: the page to go on to.
PROVING = "proving"
# In the session: the join page whose button was pressed, until the proof has led back to it.
WISHES_TO_JOIN = "wishes_to_join"
View = Callable[..., HttpResponseBase]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def prove(request: HttpRequest) -> HttpResponseBase:
    """Say why, and send a code to the own address. Looking at the page sends nothing."""
    user, then = user_of(request), next_page(request) or reverse("home")
    if request.method != "POST":
        context = {"next": then, "role_waits": role_waits(user)}
        return render(request, "events/entrance/prove.html", context)
    return send_code(request, user, then)


def send_code(request: HttpRequest, user: User, then: str) -> HttpResponse:
    """To the page that takes the code, and from there on. Raises `TooMany`."""
    request.session[PROVING] = then
    if request.session.get(WISHES_TO_JOIN) != then:
        request.session.pop(WISHES_TO_JOIN, None)
    login_codes.send(request, user.email)
    return redirect(f"{reverse('account_confirm_login_code')}?{urlencode({'next': then})}")


def also_signed_in(view: View) -> View:
    """A page of allauth's sign-in, which leads away whoever is signed in, for those too who are and
    prove their address. If it gives up, they are led back to where they asked for the code."""

    @wraps(view)
    def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        before = request.user
        if not before.is_authenticated or PROVING not in request.session:
            return view(request, *args, **kwargs)
        with proof.as_signed_out(request):
            response = view(request, *args, **kwargs)
        if request.user is not before:  # it is done
            request.session.pop(PROVING, None)
        elif is_sent_back(response):
            return proof.ask(request, str(request.session.pop(PROVING)))
        return response

    return seen


def is_sent_back(response: HttpResponseBase) -> bool:
    """Whether a page of allauth's has given up, and asks for an address again."""
    return response.headers.get("Location") == reverse("account_request_login_code")
