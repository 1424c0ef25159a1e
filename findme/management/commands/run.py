"""`manage.py run`: everything FindMe needs on one machine, until Ctrl-C."""

import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, OutputWrapper
from django.db import connections
from django.urls import NoReverseMatch, reverse

from findme import jobs
from findme.env import DEMO_SELFIE, ROOT
from findme.management.commands.worker import cluster
from findme.running import embedded_postgres, preparation
from findme.running.embedded_postgres import EmbeddedPostgresError
from findme.running.queue_watch import QueueWatcher, new_detector
from findme.running.supervisor import STOP_SIGNALS, Supervisor
from findme.serving import web

logger = logging.getLogger(__name__)

WEB_ANSWERS_WITHIN_SECONDS = 60.0
DATABASE_POLL_SECONDS = 5.0


class Command(BaseCommand):
    help = "Prepares the database and the demo, then runs web server and worker until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true")

    def handle(self, *, host: str, port: int, no_demo: bool, **options: Any) -> None:
        for number in STOP_SIGNALS:  # SIGINT too: whoever starts us in the background ignores it
            signal.signal(number, _interrupt)
        preparation.apply_addresses(host, port)
        try:
            # Before anything is started: what answers there later could be another program.
            with web.listen(host, port) as listener:
                password = self._prepare(demo=not no_demo)
                self._supervise(listener, preparation.local_address(host, port), password)
        except KeyboardInterrupt:
            self.stdout.write("Stopped before the site was up.")
        finally:
            self._stop_database()

    def _prepare(self, *, demo: bool) -> str | None:
        """The organizer's password if the account is new."""
        self._say("Preparing the database ...")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        jobs.ensure_schedules()
        password = preparation.ensure_organizer()
        if preparation.collect_static_files():
            self._say("Collected the static files.")
        if demo:
            self._make_demo()
        return password

    def _make_demo(self) -> None:
        """In a process of its own: it loads the face models, which must not stay in this one."""
        self._say("Making sure of the demo event ...")
        if subprocess.run([sys.executable, ROOT / "manage.py", "demo", "--verbosity=0"]).returncode:
            self._say("The demo event could not be made, see above; the site starts without it.")

    def _supervise(
        self, listener: socket.socket, address: tuple[str, int], password: str | None
    ) -> None:
        self._say("Starting web server and worker ...")
        worker = cluster(nice=int(os.environ.get("WORKER_NICE") or 10))
        ready = Readiness(address, "\n".join(welcome(password)), self.stdout)
        queue = QueueWatcher(worker, new_detector())
        watchers: list[Callable[[float], None]] = [ready.poll, queue]
        if uses_embedded_database():
            watchers.append(DatabaseKeeper())
        children = [*web.processes(listener), worker]
        Supervisor(children, watchers, on_stop=listener.close).run()
        queue.end()
        self._say("\nWeb server and worker are stopped.")

    def _stop_database(self) -> None:
        if not uses_embedded_database():
            return
        connections.close_all()
        try:
            self._say(stop_database_if_unused())
        except EmbeddedPostgresError as error:
            self.stderr.write(str(error))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


@dataclass
class Readiness:
    """Asks the site until it answers, then shows the addresses; says so if it never does."""

    address: tuple[str, int]
    welcome: str
    out: OutputWrapper
    _began: float | None = field(default=None, init=False)
    _settled: bool = field(default=False, init=False)

    def poll(self, at_seconds: float) -> None:
        if self._settled:
            return
        self._began = at_seconds if self._began is None else self._began
        if answers(self.address, preparation.site_host()):
            self._settle(self.welcome)
        elif at_seconds - self._began > WEB_ANSWERS_WITHIN_SECONDS:
            seconds = round(WEB_ANSWERS_WITHIN_SECONDS)
            self._settle(
                f"The web server has not answered for {seconds} seconds; see the messages above."
                " It is still being tried. Ctrl-C stops everything."
            )

    def _settle(self, text: str) -> None:
        self._settled = True
        self.out.write(text)
        self.out.flush()


@dataclass
class DatabaseKeeper:
    """Starts the embedded server again if it died; the data survive, as after a power cut."""

    _next_poll: float = field(default=0.0, init=False)

    def __call__(self, at_seconds: float) -> None:
        if at_seconds < self._next_poll:
            return
        self._next_poll = at_seconds + DATABASE_POLL_SECONDS
        if embedded_postgres.url():
            return
        logger.warning("database_ended: starting the embedded PostgreSQL again")
        try:
            embedded_postgres.start()
        except EmbeddedPostgresError as error:
            logger.error("database_not_started %s", error)


def answers(address: tuple[str, int], host: str) -> bool:
    """Whether `/healthz` gives anything but a server's error within a second."""
    connection = http.client.HTTPConnection(*address, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(password: str | None) -> list[str]:
    """The block of addresses, ready to print."""
    site = settings.SITE_URL
    known = f"password {password} (shown only this once)" if password else "password as before"
    lines = ["", f"  FindMe is running         {site}/"]
    if link := demo_link():
        lines.append(f"  As a guest of the demo    {site}{link}")
    if DEMO_SELFIE.exists():
        lines.append(f"  A selfie to try it with   {DEMO_SELFIE}")
    lines.append(f"  As the organizer          {site}{reverse('admin:index')}")
    lines.append(f"                            {preparation.ORGANIZER_EMAIL}, {known}")
    return [*lines, "", "  Ctrl-C stops everything.", ""]


def demo_link() -> str | None:
    """Where a guest joins the demo event, if there is one. One query."""
    # By name: this room imports no other.
    event_model: Any = apps.get_model("events", "Event")
    event = event_model.objects.filter(slug="demo").first()
    if event is None:
        return None
    try:
        return reverse("join", args=[event.slug, event.join_code])
    except NoReverseMatch:
        return None


def uses_embedded_database() -> bool:
    return not os.environ.get("DATABASE_URL")


def stop_database_if_unused() -> str:
    """Another process of this checkout (tests, a shell) may be working with the same server."""
    server = embedded_postgres.Server(embedded_postgres.home())
    if server.url() is None:
        return "The database is stopped."
    if clients := server.other_clients():
        return f"The database keeps running: {clients} other connections use it."
    server.stop()
    return "The database is stopped."


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
