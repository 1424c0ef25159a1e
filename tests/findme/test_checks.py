"""How the site is reached: one check in place of Django's several."""

import pytest
from django.core.checks.security import base, csrf, sessions

from findme.checks import site_is_reached_by_https


@pytest.mark.parametrize(
    ("site", "tls", "found"),
    [
        ("http://photos.example.com", False, ["findme.W001"]),
        ("https://photos.example.com", False, ["findme.W002"]),
        ("https://photos.example.com", True, []),
    ],
)
def test_a_site_without_https_is_explained_by_its_address(settings, site, tls, found):
    settings.SITE_URL, settings.SECURE_TLS = site, tls
    problems = site_is_reached_by_https()
    assert [problem.id for problem in problems] == found
    assert all("camera" in problem.msg and problem.hint for problem in problems)


def test_what_is_silenced_is_what_ours_explains(settings):
    settings.SECURE_HSTS_SECONDS = 0
    checks = [base.check_sts, base.check_ssl_redirect, csrf.check_csrf_cookie_secure]
    checks.append(sessions.check_session_cookie_secure)
    problems = [problem for check in checks for problem in check(None)]
    assert len(problems) == 4
    assert [problem.id for problem in problems if not problem.is_silenced()] == []
