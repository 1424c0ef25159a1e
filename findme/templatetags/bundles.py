"""The scripts and styles of a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from findme.backends import static

register = template.Library()

STYLE = '<link rel="stylesheet" href="{}">'
SCRIPT = '<script type="module" src="{}" fetchpriority="low"></script>'
CHUNK = '<link rel="modulepreload" href="{}">'
FONT = '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>'


@register.simple_tag(name="bundle")
def bundle_tag(page: str) -> SafeString:
    """What a page of static/pages loads, in the order in which browsers need it."""
    return _tags(page, settings.BUNDLES)


@register.simple_tag
def bundle_file(page: str) -> str:
    """The address of a page's only script: of a worker, which is no page's."""
    return static.bundle_url(static.bundle(page)["scripts"][0])


@cache
def _tags(page: str, folder: Path) -> SafeString:
    files = static.bundle(page)
    kinds = ((STYLE, "styles"), (FONT, "fonts"), (CHUNK, "chunks"), (SCRIPT, "scripts"))
    return mark_safe(  # noqa: S308 -- put together of what is escaped
        "".join(
            format_html_join("", shape, ((static.bundle_url(name),) for name in files[kind]))  # type: ignore[literal-required]
            for shape, kind in kinds
        )
    )
