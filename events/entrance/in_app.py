"""Recognizes browsers inside other apps, and offers a way out of them.

Their cameras often stay dark, and what they store is soon gone.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

# Each app is known by what it writes into its browser's name (`User-Agent`).
APPS = [
    ("Instagram", re.compile(r"Instagram")),
    ("Messenger", re.compile(r"MessengerForiOS|Orca-Android|MessengerLite")),
    ("Facebook", re.compile(r"FBAN|FBAV|FB_IAB|FBIOS")),
    ("TikTok", re.compile(r"TikTok|musical_ly|BytedanceWebview|trill")),
    ("Snapchat", re.compile(r"Snapchat")),
    ("WeChat", re.compile(r"MicroMessenger")),
    ("LINE", re.compile(r"\bLine/")),
    ("LinkedIn", re.compile(r"LinkedInApp")),
    ("Pinterest", re.compile(r"\[Pinterest/|Pinterest for")),
    ("X", re.compile(r"Twitter for|TwitterAndroid")),
    ("WhatsApp", re.compile(r"WhatsApp")),
]


def browser_name(request: HttpRequest) -> str:
    """The app whose browser this is, or nothing."""
    agent = request.headers.get("User-Agent", "")
    return next((name for name, pattern in APPS if pattern.search(agent)), "")


def hint(request: HttpRequest, path: str) -> dict[str, str]:
    """What a page needs to show the way out, to `path`; `in_app` is empty in a real browser.

    Android opens the guest's own browser at an `intent:` link; iOS has no such thing for pages.
    """
    is_android = "Android" in request.headers.get("User-Agent", "")
    # Not by what the request calls this host: the link is copied, and sent on to others.
    site = urlsplit(settings.SITE_URL)
    intent = f"intent://{site.netloc}{site.path}{path}#Intent;scheme={site.scheme};end"
    return {
        "in_app": browser_name(request),
        "address": settings.SITE_URL + path,
        "intent_url": intent if is_android else "",
    }
