"""Answers of text, compressed on their way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/javascript", "application/manifest+json")


class TextCompressed(GZipMiddleware):
    """Django's, for what is text and whole. Pictures, films and archives are compressed already,
    and what is streamed is to arrive piece by piece.

    Secrets stay secret beside what a stranger makes a page repeat (BREACH): Django masks its
    tokens anew in each answer, and this pads each by a random length. Brotli, which has no such
    padding, is for static files, which hold no secrets (WhiteNoise does it ahead).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_text = response.headers.get("Content-Type", "").startswith(TEXTS)
        if response.streaming or not is_text:
            return response
        return super().process_response(request, response)
