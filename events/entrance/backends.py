"""The two ways to sign in: the desk's, and the guests'. Sessions name the one they began with."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend

from events.models import User
from findme.compiled_query import CompiledQuery

ACCOUNT = CompiledQuery(lambda pk: User.objects.filter(pk=pk), int)


class DeskBackend(ModelBackend):
    """An address and a password, typed at the desk."""

    def get_user(self, user_id: int) -> User | None:
        return _account(self, user_id)


class GuestBackend(AuthenticationBackend):  # type: ignore[misc]
    """Joining an event, the link of a notice, or a code by e-mail.

    Whoever organizes or photographs may come by a code too: the desk asks for roles, not for the
    way in.
    """

    def get_user(self, user_id: int) -> User | None:
        return _account(self, user_id)


def _account(backend: ModelBackend, user_id: int) -> User | None:
    user = ACCOUNT.first(user_id)
    return user if user is not None and backend.user_can_authenticate(user) else None
