"""`manage.py serve`: one process of the web server."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from findme.serving import server


class Command(BaseCommand):
    help = "Answers requests that come on an open socket, unsupervised. Use `web`."
    # Whoever starts it has made them, and waits.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        # By which `web` knows one that was left behind.
        parser.add_argument("supervisor", type=int, help="The number of its own process.")
        parser.add_argument("descriptor", type=int, help="The number of the listening socket.")
        parser.add_argument("application", help="What answers, as module:name.")

    def handle(self, *, descriptor: int, application: str, **options: Any) -> None:
        listener = socket.socket(fileno=descriptor)
        server.serve(
            listener, server.load(application), threads=int(os.environ.get("WEB_THREADS") or 4)
        )
