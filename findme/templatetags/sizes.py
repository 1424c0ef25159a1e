"""Sizes of files, for templates."""

from __future__ import annotations

from django import template

from findme.formats import sizes

register = template.Library()


@register.filter
def byte_size(count: int) -> str:
    """Such as "1.2 GB"."""
    return sizes.byte_size(count)
