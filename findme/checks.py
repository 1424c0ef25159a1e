"""System checks of how the site is reached, and of the database server.

Those of the site stand for several of Django's (`SILENCED_SYSTEM_CHECKS`), which name one setting
each where there is one thing to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import connections

from findme import diagnosis, space
from findme.diagnosis import Finding
from findme.running import server_needs

WITHOUT_TLS = (
    "cookies are sent over plain http, where anybody on the way can take a session over; browsers "
    "open no camera, hash no files, and know no passkeys; nothing tells them to stay on https"
)


@register(Tags.security, deploy=True)
def site_is_reached_by_https(**kwargs: Any) -> list[CheckMessage]:
    if not settings.SITE_URL.startswith("https://"):
        hint = (
            "Put a proxy in front that speaks https, and set SITE_URL to the site's address there."
        )
        text = f"SITE_URL is {settings.SITE_URL}, which is not https: {WITHOUT_TLS}."
        return [Warning(text, hint=hint, id="findme.W001")]
    if not settings.SECURE_TLS:
        hint = "Remove SECURE_TLS from the settings: it follows from SITE_URL."
        text = f"SECURE_TLS is false, although SITE_URL is https: {WITHOUT_TLS}."
        return [Warning(text, hint=hint, id="findme.W002")]
    return []


@register(Tags.database)
def server_has_what_is_needed(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`migrate`, `run`, `worker` and `doctor` look before they begin: else a server that lacks
    something takes the tables, and then no photo."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        for problem in server_needs.problems(server_needs.facts_of(connections[alias])):
            kind, letter = (Error, "E") if problem.serious else (Warning, "W")
            id_ = f"findme.{letter}0{problem.number}"
            found.append(kind(problem.text, hint=problem.hint, id=id_))
    return found


@diagnosis.register
def _site() -> Iterator[Finding]:
    for problem in site_is_reached_by_https():
        yield Finding(f"site: {problem.msg}", code="site")
    if settings.SECURE_TLS:
        yield Finding(f"site: {settings.SITE_URL}, with cookies for https only", code="site")


@diagnosis.register
def _space() -> Iterator[Finding]:
    found = space.spaces()
    for each in found:
        state = f"{_gigabytes(each.free)} free, of which {_gigabytes(each.reserve)} are kept"
        refuses = "" if each.takes(0) else ": photos are refused"
        yield Finding(
            f"space for {each.place}: {state}{refuses}", wrong=each.is_scarce, code="space"
        )
    if settings.STORE_RESERVE_BYTES and not any("database" in each.place for each in found):
        yield Finding(
            "space for the database: not known here; set DATABASE_MAX_BYTES", code="space"
        )


def _gigabytes(byte_count: int) -> str:
    return f"{byte_count / 2**30:.1f} GB"
