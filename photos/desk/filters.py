"""Filters of the desk's list of photos."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _

from photos.models import Photo


def by(title: Any, *, nobody: Any = "") -> type[admin.RelatedOnlyFieldListFilter]:
    """A filter by what photos belong to, with a title that is translated; `nobody` names those that
    belong to none."""

    class By(admin.RelatedOnlyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title
            self.empty_value_display = nobody or self.empty_value_display

    return By


class Moderation(admin.ChoicesFieldListFilter):
    """Where guests' photos stand; of the others that there is nothing to decide, in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        nothing = str(dict(Photo.Moderation.choices)[Photo.Moderation.NONE])
        for choice in super().choices(changelist):
            is_nothing = choice["display"] == nothing
            yield {**choice, "display": _("nothing to approve")} if is_nothing else choice
