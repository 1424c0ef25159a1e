"""`manage.py remove_second_factor ADDRESS`: for somebody who has lost it, and the codes too."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from events.models import User


class Command(BaseCommand):
    help = (
        "Switch off the second factor of an account: apps, passkeys and codes for emergencies. "
        "Make sure first, by another way than e-mail, that it is its owner who asks."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.with_email(options["address"])
        if user is None:
            raise CommandError("No account has this address.")
        count, _rows = Authenticator.objects.filter(user=user).delete()
        self.stdout.write("Removed." if count else "There was none.")
