import pytest
from allauth.mfa.totp.internal import auth


@pytest.fixture(autouse=True)
def _one_moment_of_apps(monkeypatch):
    """An app's code is good until its half minute ends, which may be before a test has sent it."""
    moment = list(auth.yield_hotp_counters_from_time())
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter(moment))
