"""Who is signed in: Django's password and allauth's code, the account read by a prepared query."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend

from events.models import User
from findme.prepared import Prepared

ACCOUNT = Prepared(lambda pk: User.objects.filter(pk=pk), int)


class PasswordBackend(ModelBackend):
    """Of the desk."""

    def get_user(self, user_id: int) -> User | None:
        return _account(self, user_id)


class CodeBackend(AuthenticationBackend):  # type: ignore[misc]
    """Of guests who come back: a code by e-mail."""

    def get_user(self, user_id: int) -> User | None:
        return _account(self, user_id)


def _account(backend: ModelBackend, user_id: int) -> User | None:
    user = ACCOUNT.first(user_id)
    return user if user is not None and backend.user_can_authenticate(user) else None
