"""All e-mail leaves here: in the reader's language, as plain text and as HTML."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from findme.language import current_language


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
            body=render_to_string(f"letters/{name}.txt", everything).strip(),
            to=[address],
            headers=headers,
        )
        message.attach_alternative(
            render_to_string(f"letters/{name}.html", everything), "text/html"
        )
        message.send()


def known_language(language: str) -> str:
    """A language that the pages have: the reader's, else that of the page which has the letter
    sent; in a job the latter is the site's."""
    known = dict(settings.LANGUAGES)
    spoken = current_language()
    wanted = (language.split("-")[0], spoken.split("-")[0])
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)
