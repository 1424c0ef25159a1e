"""The desk's page of originals as its tests read it."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape

from django.urls import reverse

from events import audit

CHOICE = {"photos": "all", "hidden": "on", "size": "2gb"}


def address(event, name="export"):
    return reverse(f"admin:events_event_{name}", args=[event.pk])


def links(answer):
    found = re.findall(r'href="([^"]*originals\.zip[^"]*)"', answer.content.decode())
    return [unescape(link) for link in found]


def file_links(answer):
    found = re.findall(r'href="([^"]*/original[?][^"]*)"', answer.content.decode())
    return [unescape(link) for link in found]


def names_in(client, link):
    return zipfile.ZipFile(io.BytesIO(client.get(link).getvalue())).namelist()


def logged(event):
    """What its log says of exports, newest first."""
    lines = audit.lines(audit.entries(event))
    return [line.what for line in lines if line.what.startswith("Exported")]
