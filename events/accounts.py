"""How django-allauth behaves here: guests get in through an event, with a code by e-mail."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No accounts without an event: the join page makes them."""
        return False
