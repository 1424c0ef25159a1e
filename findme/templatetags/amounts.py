"""Amounts of time, for templates."""

from __future__ import annotations

from django import template

from findme.formats import amounts

register = template.Library()


@register.filter
def later(seconds: int) -> str:
    """Such as "1 h later"."""
    return amounts.later(seconds)
