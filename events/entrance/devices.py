"""What a person calls the device that a session is on: its browser and its system."""

from __future__ import annotations

import re

from django.http import HttpRequest

from events.entrance import in_app

# The first that is found in a browser's name (`User-Agent`) is it: most claim to be others too.
BROWSERS = [
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|OPiOS/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("DuckDuckGo", r"DuckDuckGo/|Ddg/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
]
SYSTEMS = [
    ("Android", r"Android"),
    ("iPhone", r"iPhone|iPod"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux"),
]


def name_of(request: HttpRequest) -> str:
    """Such as "Firefox, Android"; nothing where the browser does not say."""
    agent = request.headers.get("User-Agent", "")
    browser = in_app.browser_name(request) or _first(BROWSERS, agent)
    return ", ".join(filter(None, (browser, _first(SYSTEMS, agent))))


def _first(names: list[tuple[str, str]], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")
