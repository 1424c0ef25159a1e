"""An app, as an organizer would have one, and the codes that it shows."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(user) -> Authenticator:
    return auth.TOTP.activate(user, SECRET).instance


def code_of_app(secret: str = SECRET) -> str:
    now = next(auth.yield_hotp_counters_from_time())
    return auth.format_hotp_value(auth.hotp_value(secret, now))
