"""Signing out: the session ends, and the browser drops what it kept of the site."""

from __future__ import annotations

from typing import TypeVar

from allauth.account import views as account
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.http.request import split_domain_port

Response = TypeVar("Response", bound=HttpResponseBase)

# Pictures and the installed app's pages. Not "cookies": browsers would drop those of all other
# sites below the same domain too, and the session's is worthless from here on.
KEPT_BY_BROWSERS = '"cache", "storage"'
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


def sign_out(request: HttpRequest) -> HttpResponse:
    """The page that asks, and the signing out."""
    was_signed_in = request.user.is_authenticated
    response: HttpResponse = account.logout(request)
    return forget(request, response) if was_signed_in and request.method == "POST" else response


def send_out(request: HttpRequest, address: str) -> HttpResponse:
    """End the session, and lead to `address`."""
    logout(request)
    return forget(request, HttpResponseRedirect(address))


def forget(request: HttpRequest, response: Response) -> Response:
    """Tell the browser to. Over plain http it listens on its own machine only, and complains."""
    if request.is_secure() or split_domain_port(request.get_host())[0] in LOCAL_HOSTS:
        response["Clear-Site-Data"] = KEPT_BY_BROWSERS
    return response
