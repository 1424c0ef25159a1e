"""What scripts may import, and what each of them may know."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

STATIC = Path(__file__).resolve().parent.parent / "static"


def sources(pattern: str = "*.js") -> dict[str, str]:
    return {
        path.relative_to(STATIC).as_posix(): path.read_text() for path in STATIC.rglob(pattern)
    }


def test_the_csrf_token_is_found_in_one_place():
    finds = re.compile(r"document\.cookie|X-CSRFToken|name=csrfmiddlewaretoken")
    users = {name for name, source in sources().items() if finds.search(source)}
    assert users == {"site/csrf.js"}


def test_scripts_read_the_cookie_that_django_sets():
    assert f'const COOKIE = "{settings.CSRF_COOKIE_NAME}";' in sources()["site/csrf.js"]
    assert not settings.CSRF_COOKIE_HTTPONLY
    assert not settings.CSRF_USE_SESSIONS
