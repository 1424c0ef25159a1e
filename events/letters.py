"""E-mail to a guest: in the guest's language, as plain text and as HTML."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def send(
    name: str,
    *,
    address: str,
    language: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> None:
    """Send `letters/<name>` (subject, plain, HTML) to one address. Raises `OSError`."""
    with translation.override(known_language(language)):
        everything = {**context, "site_url": settings.SITE_URL}
        subject = " ".join(render_to_string(f"letters/{name}_subject.txt", everything).split())
        message = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string(f"letters/{name}.txt", everything),
            to=[address],
            headers=headers,
        )
        message.attach_alternative(
            render_to_string(f"letters/{name}.html", everything), "text/html"
        )
        message.send()


def known_language(language: str) -> str:
    """A language that the pages have: the guest's, else the site's."""
    known = {code for code, _ in settings.LANGUAGES}
    short = language.split("-")[0]
    return short if short in known else settings.LANGUAGE_CODE
