"""Each setting is documented."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from findme import env

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""env\.\w+\(\s*"([A-Z0-9_]+)"|environ(?:\.get)?[\[(]\s*"([A-Z0-9_]+)\"""")


def variables_read() -> set[str]:
    text = "".join(path.read_text() for path in sorted((ROOT / "findme").rglob("*.py")))
    return {a or b for a, b in READ.findall(text)}


def test_env_example_documents_exactly_the_variables_that_are_read():
    example = (ROOT / ".env.example").read_text()
    documented = set(re.findall(r"^#?\s?([A-Z0-9_]+)=", example, re.MULTILINE))
    ignored = {"DJANGO_SETTINGS_MODULE", "PATH"}
    assert variables_read() - ignored == documented


@pytest.mark.parametrize("days", ["-1", "3651", "1000000000"])
def test_days_in_the_bin_are_such_as_a_calendar_has(monkeypatch, days):
    monkeypatch.setenv("FINDME_BIN_DAYS", days)
    with pytest.raises(ImproperlyConfigured, match="FINDME_BIN_DAYS must be from 0 to 3650"):
        env.bin_days()


@pytest.mark.parametrize("days", [0, 3650])
def test_the_bin_may_be_none_and_may_keep_for_years(monkeypatch, days):
    monkeypatch.setenv("FINDME_BIN_DAYS", str(days))
    assert env.bin_days() == days


def test_cookies_of_a_site_with_https_are_its_own():
    """Browsers take a name with `__Host-` only with `Secure`, of the host itself, for all of it."""
    code = """
from findme import settings as s
for name in ("SESSION", "CSRF", "LANGUAGE"):
    print(getattr(s, f"{name}_COOKIE_NAME"), getattr(s, f"{name}_COOKIE_SECURE"))
    assert not hasattr(s, f"{name}_COOKIE_DOMAIN") and not hasattr(s, f"{name}_COOKIE_PATH")
print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS)
"""
    more = {"SITE_URL": "https://photos.example.com", "DATABASE_URL": "postgres://u@h/d"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | more, cwd=ROOT, stdout=-1, check=True
    )
    assert run.stdout.decode().split() == [
        *("__Host-sessionid", "True", "__Host-csrftoken", "True"),
        *("__Host-django_language", "True", "False"),
    ]
