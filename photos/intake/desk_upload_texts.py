"""What the uploader's script says, in the user's language. Plurals are chosen in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findme import refusals
from findme.refusals import words_of

Forms = dict[str, str]

# What the script says by itself, or shows where the server gave no reason.
KINDS = (refusals.PICTURE, refusals.ARCHIVE, refusals.UPLOAD, refusals.STORE, refusals.REQUEST)


def texts() -> dict[str, Mapping[str, str | Forms]]:
    """`texts` for sentences, `reasons` by code; `%(count)s` and the like are filled in there."""
    return {"texts": _sentences() | _plurals(), "reasons": _reasons()}


def _sentences() -> dict[str, str | Forms]:
    return {
        "bytes_done": _("%(done)s of %(total)s"),
        "checking": _("Checking which photos are already here…"),
        "pace": _("%(speed)s, about %(left)s left"),
    }


def _plurals() -> dict[str, str | Forms]:
    forms: dict[str, Callable[[int], str]] = {
        "files_done": lambda n: ngettext(
            "%(done)s of %(count)s file", "%(done)s of %(count)s files", n
        ),
        "problems": lambda n: ngettext(
            "%(count)s file was not taken:", "%(count)s files were not taken:", n
        ),
        "problems_of": lambda n: ngettext("%(count)s file:", "%(count)s files:", n),
        "problems_more": lambda n: ngettext(
            "and %(count)s more, all in the saved list.",
            "and %(count)s more, all in the saved list.",
            n,
        ),
        "summary_accepted": lambda n: ngettext(
            "%(count)s photo accepted", "%(count)s photos accepted", n
        ),
        "summary_known": lambda n: ngettext(
            "%(count)s was already there; each photo is kept once.",
            "%(count)s were already there; each photo is kept once.",
            n,
        ),
        "summary_refused": lambda n: ngettext(
            "%(count)s file was refused; the reason is below.",
            "%(count)s files were refused; the reasons are below.",
            n,
        ),
        "summary_failed": lambda n: ngettext(
            "%(count)s file could not be sent. You can try it again.",
            "%(count)s files could not be sent. You can try them again.",
            n,
        ),
    }
    return {key: {"one": form(1), "other": form(2)} for key, form in forms.items()}


def _reasons() -> dict[str, str]:
    return {code: words_of(code) for kind in KINDS for code in kind}
