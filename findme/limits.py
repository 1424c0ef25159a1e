"""How often somebody may do something: one table, counted by allauth in the shared cache.

Each limit has a name, its rates in allauth's notation (`amount/duration/per`, where `per` is `ip`,
`user` or `key`, separated by commas), what is counted, and the code of what people are answered.
`docs/limits.md` is this table in words.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from findme.http import later
from findme.refusals import Later

logger = logging.getLogger(__name__)

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
# Providers give each customer a network of so many bits.
IPV6_PREFIX = 64


@dataclass(frozen=True)
class Limit:
    """`key` is what a key names.

    `is_shared`: honest people are many behind one address, as at a wedding. allauth has those who
    are counted together wait for each other, and refuses whoever waited a second, so these are
    counted without its lock. Only of them `per` may be `ip+key`.
    """

    rates: str
    counts: str
    code: str = "too_many"
    key: str = ""
    is_shared: bool = False


LIMITS = {
    # Right codes always pass. 8 characters of 31 are not guessed: at a hundred a second, more than
    # a server of ours answers, an event's code takes 270 years.
    "wrong_code": Limit("30/m/ip", "wrong codes, typed", code="too_many_codes", is_shared=True),
    # An outdated poster is scanned by all who come in.
    "wrong_link": Limit(
        "120/m/ip+key", "wrong codes in links", code="too_many_codes", key="event", is_shared=True
    ),
    # Sixty guests who scan in the minute of a toast are one a second, and come in bursts; a script
    # made sixty accounts in eight seconds. An hour's number is that of a conference behind one
    # address.
    "new_account": Limit(
        "20/10s/ip+key,600/h/ip+key",
        "new accounts",
        code="many_joining",
        key="event",
        is_shared=True,
    ),
    # A wedding's guests share one address, so those who come back may be many at once.
    "sign_in": Limit("100/m/ip", "codes asked for", is_shared=True),
    # Of a mailbox and an address: else whoever asks without end would keep its owner out.
    "request_login_code": Limit("3/m/ip+key", "codes asked for", key="mailbox", is_shared=True),
    # Anybody may ask for codes to somebody's mailbox. What the many who do so share is for what
    # each asks beyond a first few, so that whoever comes from an address of their own gets in.
    "code_mail": Limit(
        "20/d/ip+key,200/d/key", "letters with codes", "mailbox_full", "mailbox", is_shared=True
    ),
    "code_mail_first": Limit(
        "3/d/ip+key", "of those the first ones", "mailbox_full", "mailbox", is_shared=True
    ),
    "code_mail_more": Limit(
        "60/d/key", "of those the others", "mailbox_full", "mailbox", is_shared=True
    ),
    # Letters to whoever has no account here: nobody is to write to strangers through us.
    "stranger_mail": Limit(
        "20/h/ip", "letters to unknown addresses", code="mailbox_full", is_shared=True
    ),
    "mail": Limit("20/d/key", "all other letters", code="mailbox_full", key="mailbox"),
    "guest_upload": Limit(
        "600/h/key", "photos that guests send, or forms full of them", key="account"
    ),
    # Who tries faces from the web gets so many, and honest guests need two or three. Each look
    # costs a decoded picture.
    "selfie_check": Limit(
        "10/h/key",
        "pictures looked at before they are sent, and refused ones",
        "too_many_checks",
        "person",
    ),
    # Apart from the checks: after ten of them the best picture can still be sent.
    "selfie_refused": Limit(
        "10/h/key", "selfies sent and not taken in", "too_many_refused", "person"
    ),
    "selfie_change": Limit("5/d/key", "selfies taken in", "too_many_changes", "person"),
    "add_child": Limit("12/d/key", "children that a guest looks for", key="account"),
    "desk_password": Limit(
        "20/5m/ip,5/5m/key", "wrong passwords at the desk", "too_many_passwords", key="account"
    ),
    # Read by allauth.
    "login_failed": Limit("20/m/ip,5/5m/key", "wrong second factors", key="account"),
    "reauthenticate": Limit("20/m/user", "pages that ask for the second factor again"),
    # All sessions are read then. Guests of one event share an address, and may all go.
    "delete_account": Limit("20/h/ip", "accounts that are deleted", is_shared=True),
    "hide_request": Limit("20/d/key", "photos that somebody does not want shown", key="account"),
}


@dataclass(frozen=True)
class Rate:
    amount: int
    seconds: int
    per: str


class TooMany(Later):
    """A limit is reached: later it will do."""

    status = 429

    def __init__(self, code: str, *, seconds: int = 60) -> None:
        super().__init__(code)
        self.seconds = seconds


def rates() -> dict[str, str | None]:
    """What allauth reads in its settings; it has limits of its own for what is not there."""
    return {name: None if limit.is_shared else limit.rates for name, limit in LIMITS.items()}


def rates_of(name: str) -> list[Rate]:
    return list(map(_rate, LIMITS[name].rates.split(",")))


def consume(request: HttpRequest | None, name: str, *, key: str | None = None) -> bool:
    """Count one, whatever the request's method; whether it was still allowed.

    Jobs have no request, and count by key.
    """
    if LIMITS[name].is_shared:
        is_allowed = all(map(_take, _counters(request, name, key)))
    else:
        is_allowed = _ask_allauth(request, name, key, dry_run=False)
    if not is_allowed:
        logger.warning("limit_reached limit=%s", name)
    return is_allowed


def may(request: HttpRequest | None, name: str, *, key: str | None = None) -> bool:
    """Whether one more would be allowed. Nothing is counted."""
    if LIMITS[name].is_shared:
        return all(map(_free, _counters(request, name, key)))
    return _ask_allauth(request, name, key, dry_run=True)


def demand(request: HttpRequest | None, name: str, *, key: str | None = None) -> None:
    """Count one. Raises `TooMany`, which is answered wherever nobody catches it."""
    if not consume(request, name, key=key):
        raise too_many(name)


def refused(request: HttpRequest, name: str) -> HttpResponse:
    """The answer where a limit is reached, in words."""
    return later(request, too_many(name))


def of_allauth(request: HttpRequest) -> HttpResponse:
    """The answer where allauth itself counts, and finds too many."""
    return later(request, TooMany("too_many"))


def too_many(name: str) -> TooMany:
    """That a limit is reached; its shortest rate says when it may be again."""
    return TooMany(LIMITS[name].code, seconds=min(rate.seconds for rate in rates_of(name)))


def address_of(request: HttpRequest) -> str:
    """Of the network that a request comes from: an address, or what IPv6 gives to a customer."""
    from allauth.account.adapter import get_adapter  # reads settings, which read this module

    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if address.version == 6:
        return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)


def _ask_allauth(request: HttpRequest | None, name: str, key: str | None, *, dry_run: bool) -> bool:
    from allauth.core import ratelimit  # reads settings, which read this module

    asked = copy(request) if request else HttpRequest()
    asked.method = "POST"  # of other methods it counts none
    return bool(ratelimit.consume(asked, action=name, key=key, dry_run=dry_run))


# --- counting without a lock: a rate has as many places as its amount, and each is taken once ---

Counter = tuple[str, Rate]


def _counters(request: HttpRequest | None, name: str, key: str | None) -> Iterator[Counter]:
    for rate in rates_of(name):
        address = address_of(request) if request and "ip" in rate.per else ""
        who = address + (f" {key}" if "key" in rate.per else "")
        digest = hashlib.sha256(who.encode()).hexdigest()[:32]
        yield f"limit:{name}:{rate.amount}:{rate.seconds}:{digest}", rate


def _free(counter: Counter) -> list[str]:
    """The cache's keys of places that nobody has taken. One query."""
    name, rate = counter
    places = [f"{name}:{number}" for number in range(rate.amount)]
    taken = cache.get_many(places)
    return [place for place in places if place not in taken]


def _take(counter: Counter) -> bool:
    """Adding to the cache is atomic: of two who want the same place one takes the next."""
    _, rate = counter
    return any(cache.add(place, True, rate.seconds) for place in _free(counter))


def _rate(text: str) -> Rate:
    amount, duration, per = text.strip().split("/")
    return Rate(int(amount), int(duration[:-1] or 1) * SECONDS[duration[-1]], per)
