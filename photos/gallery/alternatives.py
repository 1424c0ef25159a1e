"""What a photo is called for those who hear the page: when it was taken, whether they are in it,
and how many people are. Never who the others are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from functools import cache, lru_cache
from html import escape

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext, ngettext

from findme.language import current_language
from photos.models import Photo
from photos.querysets import Shown

# Stands for the moment in a sentence that is made for many photos; no name contains it.
MOMENT = "\0"


@lru_cache(maxsize=8192)
def moment(language: str, day: str, hour: int, minute: int, *, is_known: bool = True) -> str:
    """A photo's day, which its page has in words, and time: "Saturday 28 November, 19:32".

    Where nobody knows when it was taken, they are of its arrival. In the active language, which is
    named for the cache.
    """
    at = time_format(time(hour, minute), "TIME_FORMAT")
    return _known(gettext("%(day)s, %(time)s") % {"day": day, "time": at}, is_known=is_known)


def when(photo: Photo | Shown) -> str:
    """The same in few words, as in running text. In the active language and time zone."""
    said = date_format(timezone.localtime(photo.taken_at), "MOMENT_FORMAT")
    return _known(said, is_known=photo.has_capture_time)


def sentence(when: str, *, has_you: bool, people: int, child: str = "") -> str:
    """The whole: "Photo, Saturday 28 November, 19:32, you are in it, 4 people". Not escaped.

    `people` is 0 where nobody has counted them. `child` is whom the guest looks for instead of
    themselves.
    """
    form = _form(current_language(), has_you, bool(child), people)
    return form % {"when": when, "name": child, "count": people}


def sentences(child: str = "") -> Callable[[bool, int], tuple[str, str]]:
    """The same for the photos of one page, made once for all that differ in their moment alone:
    what stands before it and what after it, escaped."""

    @cache
    def parts(has_you: bool, people: int) -> tuple[str, str]:
        whole = escape(sentence(MOMENT, has_you=has_you, people=people, child=child))
        before, _, after = whole.partition(MOMENT)
        return before, after

    return parts


@lru_cache(maxsize=512)
def _form(language: str, has_you: bool, of_child: bool, people: int) -> str:
    """The words alone, in the active language, which is named for the cache: it keeps no names."""
    if not has_you:
        return _counted(people) if people else gettext("Photo, %(when)s")
    if of_child:
        return _counted_with(people) if people else gettext("Photo, %(when)s, %(name)s is in it")
    return _counted_with_you(people) if people else gettext("Photo, %(when)s, you are in it")


def _known(when: str, *, is_known: bool) -> str:
    return when if is_known else gettext("added %(when)s") % {"when": when}


def _counted(people: int) -> str:
    return ngettext(
        "Photo, %(when)s, %(count)s person", "Photo, %(when)s, %(count)s people", people
    )


def _counted_with_you(people: int) -> str:
    return ngettext(
        "Photo, %(when)s, you are in it, %(count)s person",
        "Photo, %(when)s, you are in it, %(count)s people",
        people,
    )


def _counted_with(people: int) -> str:
    return ngettext(
        "Photo, %(when)s, %(name)s is in it, %(count)s person",
        "Photo, %(when)s, %(name)s is in it, %(count)s people",
        people,
    )
