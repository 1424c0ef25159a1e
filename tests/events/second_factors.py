"""An app, as an organizer would have one, and the codes that it shows."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(user) -> Authenticator:
    return auth.TOTP.activate(user, SECRET).instance


def code_of_app(secret: str = SECRET) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))
