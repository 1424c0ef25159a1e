"""Filters of the desk's list of photos."""

from __future__ import annotations

from typing import Any

from django.contrib import admin


def by(title: Any) -> type[admin.RelatedOnlyFieldListFilter]:
    """A filter by what photos belong to, with a title that is translated."""

    class By(admin.RelatedOnlyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return By
