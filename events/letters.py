"""All e-mail leaves here: in the reader's language, as plain text and as HTML."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from smtplib import (
    SMTPDataError,
    SMTPHeloError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from findme import limits
from findme.language import current_language
from findme.refusals import Refusal
from findme.text import one_line

logger = logging.getLogger(__name__)

FIRST = "code_mail_first"
MORE = "code_mail_more"
# Where dots in an address mean nothing.
WITHOUT_DOTS = {"gmail.com", "googlemail.com"}
# What a mail server answers from here on is meant for good, and from there on for now.
FOR_GOOD, FOR_NOW = 500, 400


class NotSent(OSError):
    """The letter has certainly not left: trying again sends no second one."""


class ServerAway(NotSent):
    """The mail server takes no letters just now, this one or others."""


class Refused(NotSent):
    """The mail server does not take this letter; others it may."""


class RefusedForGood(Refused):
    """Asked again, it would answer the same."""


class Unanswered(OSError):
    """The letter was being handed over, and no answer came: it may have arrived. What is promised
    at most once is not sent again (decision 13)."""


class MailboxFull(Refusal, NotSent):
    """The mailbox was written to so often today that this letter has to wait."""

    def __init__(self) -> None:
        super().__init__("mailbox_full")


def send(
    name: str,
    *,
    address: str,
    language: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
    asked_by: HttpRequest | None = None,
) -> None:
    """Send `letters/<name>` (subject, plain, HTML) to one address. Raises `NotSent`, of which
    `MailboxFull` where the mailbox had its share of the day, and `Unanswered`.

    Whoever signs in asks for a code (`asked_by`). Codes have a share of their own, so that nothing
    else keeps people out. What the mail server refuses is tried again, and does not count; what
    may have arrived does.
    """
    mailbox = mailbox_of(address)
    if not _has_room(mailbox, asked_by):
        logger.warning("letter_refused code=mailbox_full letter=%s", name)
        raise MailboxFull
    message = _message(name, address=address, language=language, context=context, headers=headers)
    try:
        _hand_over(message)
    except Unanswered as lost:
        logger.warning("letter_unanswered letter=%s error=%s", name, lost)
        _count(mailbox, asked_by)
        raise
    _count(mailbox, asked_by)


def _has_room(mailbox: str, asked_by: HttpRequest | None) -> bool:
    """Of codes each address may have a few, whatever other addresses have asked for."""
    if asked_by is None:
        return limits.may(None, "mail", key=mailbox)
    is_let_in = any(limits.may(asked_by, name, key=mailbox) for name in (FIRST, MORE))
    return is_let_in and limits.may(asked_by, "code_mail", key=mailbox)


def _count(mailbox: str, asked_by: HttpRequest | None) -> None:
    if asked_by is None:
        limits.consume(None, "mail", key=mailbox)
        return
    limits.consume(asked_by, "code_mail", key=mailbox)
    is_first = limits.may(asked_by, FIRST, key=mailbox)
    limits.consume(asked_by, FIRST if is_first else MORE, key=mailbox)


def mailbox_of(address: str) -> str:
    """What of an address says where its letters arrive: ann+party@gmail.com is Ann's."""
    name, _, domain = address.strip().lower().rpartition("@")
    name = name.partition("+")[0] or name
    if domain in WITHOUT_DOTS:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def _message(
    name: str,
    *,
    address: str,
    language: str,
    context: dict[str, Any],
    headers: dict[str, str] | None,
) -> EmailMultiAlternatives:
    with translation.override(known_language(language)):
        subject, body = written(name, context)
        message = EmailMultiAlternatives(subject=subject, body=body, to=[address], headers=headers)
        everything = {**context, "site_url": settings.SITE_URL}
        message.attach_alternative(
            render_to_string(f"letters/{name}.html", everything), "text/html"
        )
    return message


def _hand_over(message: EmailMultiAlternatives) -> None:
    with _connected() as message.connection:
        try:
            message.send()
        except (OSError, ValueError) as error:  # smtplib's exceptions are OSErrors
            raise _what_became(error) from error


@contextmanager
def _connected() -> Iterator[BaseEmailBackend]:
    """A connection of its own, so that a server that is away is told from an answer that is lost.

    Leaving says nothing of a letter that was answered before.
    """
    connection = get_connection()
    try:
        try:
            connection.open()
        except OSError as error:
            raise ServerAway(_kind(error)) from error
        yield connection
    finally:
        with suppress(OSError):
            connection.close()


def _what_became(error: OSError | ValueError) -> NotSent | Unanswered:
    """Only of what the server answered it is known that the letter did not leave, and of addresses
    that no letter can have (a `ValueError`)."""
    match error:
        case SMTPRecipientsRefused():
            codes = [code for code, _words in error.recipients.values()]
            is_final = all(code >= FOR_GOOD for code in codes)
            return RefusedForGood(_kind(error)) if is_final else Refused(_kind(error))
        case SMTPHeloError() | SMTPSenderRefused():  # it is us whom it does not take
            return ServerAway(_kind(error))
        case SMTPNotSupportedError() | ValueError():
            return RefusedForGood(_kind(error))
        case SMTPDataError(smtp_code=code) if code >= FOR_GOOD:
            return RefusedForGood(_kind(error))
        case SMTPDataError(smtp_code=code) if code >= FOR_NOW:
            return ServerAway(_kind(error))
    return Unanswered(_kind(error))


def _kind(error: Exception) -> str:
    """What the log may say: the words of an error name the address."""
    return type(error).__name__


def written(name: str, context: dict[str, Any]) -> tuple[str, str]:
    """A letter's subject and plain text in the language that is spoken now."""
    everything = {**context, "site_url": settings.SITE_URL}
    subject = one_line(render_to_string(f"letters/{name}_subject.txt", everything))
    return subject, render_to_string(f"letters/{name}.txt", everything).strip()


def known_language(language: str) -> str:
    """A language that the pages have: the reader's, else that of the page which has the letter
    sent; in a job the latter is the site's."""
    known = dict(settings.LANGUAGES)
    spoken = current_language()
    wanted = (language.split("-")[0], spoken.split("-")[0])
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)
