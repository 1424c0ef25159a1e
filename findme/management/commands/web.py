"""`manage.py web`: the web server alone, where the worker runs elsewhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from findme.running.supervisor import Supervisor
from findme.serving import web


class Command(BaseCommand):
    help = "Serves the site, with as many processes as WEB_CONCURRENCY says, until SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--application", default=web.APPLICATION, help="What answers, as module:name."
        )

    def handle(self, *, host: str, port: int, application: str, **options: Any) -> None:
        with web.listen(host, port) as listener:
            children = web.processes(listener, application=application)
            Supervisor(children, on_stop=listener.close).run()
