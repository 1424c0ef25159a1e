"""The join link as a QR code."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from events.models import Event


def link(event: Event) -> str:
    return f"{settings.SITE_URL}{event.get_join_url()}"


def inline_svg(event: Event) -> SafeString:
    """For a page: scales with its box, and is named by the text beside it."""
    svg = _code(event).svg_inline(
        border=4, omitsize=True, lineclass=None, svgclass="qr", dark="#000", light="#fff"
    )
    # segno draws modules only: nothing in its output is anybody's text.
    return mark_safe(svg)  # noqa: S308


def data_address(event: Event) -> str:
    """For a screen, where whoever stands far away reads it: a `data:` address of an SVG.

    Level L: a screen has no creases, and most links then need one version less, whose modules are
    a tenth larger.
    """
    code = segno.make_qr(link(event), error="l")
    address: str = code.svg_data_uri(border=4, omitsize=True, dark="#000", light="#fff")
    return address


def image(event: Event, kind: str) -> bytes:
    """For whoever designs their own invitation: `svg`, or `png` of about 1000 px."""
    out = io.BytesIO()
    _code(event).save(out, kind=kind, border=4, scale=20)
    return out.getvalue()


def _code(event: Event) -> segno.QRCode:
    """Level M: a poster's code still reads with a crease or a stain on it."""
    return segno.make_qr(link(event), error="m")
