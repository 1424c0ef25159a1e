"""Reading what a guest gets."""

from __future__ import annotations

import io
import zipfile

from django.urls import reverse


def address(name, event, *args):
    return reverse(name, args=[event.slug, *args])


def content(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def archive(response) -> zipfile.ZipFile:
    assert response["Content-Type"] == "application/zip"
    opened = zipfile.ZipFile(io.BytesIO(content(response)))
    assert opened.testzip() is None
    return opened


def ids_in(opened: zipfile.ZipFile) -> list[int]:
    return [int(name.rsplit("_", 1)[1].split(".")[0]) for name in opened.namelist()]
