"""How often somebody may do something: one table, counted by allauth in the shared cache.

Each limit has a name, the rates in allauth's notation (`amount/duration/per`, where `per` is `ip`,
`user` or `key`, separated by commas), what is counted, and the code of what people are answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from findme.refusals import Refusal


@dataclass(frozen=True)
class Limit:
    rates: str
    counts: str
    code: str = "too_many"


LIMITS = {
    # Typed join codes: 8 characters of 31 cannot be guessed at this rate.
    "join": Limit("30/m/ip", "wrong join codes"),
    # A wedding's guests share one address, so those who come back may be many at once.
    "request_login_code": Limit("100/m/ip,3/m/key", "codes by e-mail; the key is the mailbox"),
    "selfie_check": Limit("10/h/user", "pictures looked at before they are sent, and refused ones"),
    "selfie_change": Limit("5/d/user", "selfies taken in"),
    "hide_request": Limit("20/d/user", "photos that somebody does not want shown"),
}


class TooMany(Refusal):
    """A limit is reached: later it will do."""


def rates() -> dict[str, str]:
    """What allauth reads in its settings."""
    return {name: limit.rates for name, limit in LIMITS.items()}


def consume(request: HttpRequest, name: str, *, key: str | None = None) -> bool:
    """Count one; whether it was still allowed."""
    from allauth.core import ratelimit  # reads settings, which read this module

    return bool(ratelimit.consume(request, action=name, key=key))


def may(request: HttpRequest, name: str, *, key: str | None = None) -> bool:
    """Whether one more would be allowed. Nothing is counted."""
    from allauth.core import ratelimit

    return bool(ratelimit.consume(request, action=name, key=key, dry_run=True))


def demand(request: HttpRequest, name: str, *, key: str | None = None) -> None:
    """Count one. Raises `TooMany`."""
    if not consume(request, name, key=key):
        raise TooMany(LIMITS[name].code)
