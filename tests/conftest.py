"""The named cast, and eyes that need no model."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation

from events.models import Event, Membership, User
from faces.finding import asking, searching
from faces.index import aws
from faces.index.implementations import IMPLEMENTATIONS
from faces.vision import engine
from findme import limits
from findme.running import bootstrap
from photos.delivery import outgoing
from tests import builders, fakes, flushing
from tests.mail_server import MailServer, listening
from tests.rekognition.server import RekognitionServer
from tests.rekognition.server.eyes import LocalEyes, SquareEyes
from tests.reruns import pytest_collection_modifyitems, pytest_terminal_summary  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "node_modules" / "@vladmandic" / "face-api" / "demo"
FACES = Path(os.environ.get("FINDME_FACES_DIR", ROOT.parent / "shared" / "faces"))
# Set in CI: there, what a test needs must be there, and nothing is skipped for want of it.
REQUIRE_ALL = bool(os.environ.get("FINDME_REQUIRE_BROWSER"))
# Bytecode is kept, whatever the shell says: without it each of a hundred processes that tests start
# compiles the product (0.2 s), and each worker the assertions of all tests anew (8 s).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A tenth of the time went into looking for what is garbage among all that stays.
OBJECTS_UNTIL_GARBAGE_IS_SOUGHT = 20_000


def pytest_collection_finish() -> None:
    """What has been loaded until now stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_UNTIL_GARBAGE_IS_SOUGHT)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Threads of the live server can outlive it, with connections that keep the database in use."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # Nothing that tests commit outlives the server, so none of it has to wait for the disk.
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
        connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flushing.flush)
        yield
    with django_db_blocker.unblock():
        connection.close()  # the server may have ended it since the last test that asked it
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def _bundles():
    """Pages name their bundles, and browsers run them: they are of the scripts as they are now."""
    with bootstrap.one_at_a_time(bootstrap.Layout()):
        bootstrap.make_bundles(bootstrap.Layout())


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    # A client is a start of the site. Without it each would read, with what it knows of all
    # collected files, 1,500 of them: 0.1 s, once a test of `bin/run` has collected them.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Those of tests are hashed in no time, and those of processes that tests start are known."""
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [quick, *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def _own_language():
    """A request leaves its language active in its thread, which is that of the next test too."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_files_kept():
    """What was sent in a test is prepared anew in the next."""
    yield
    outgoing.shared_files.end_unread()


@pytest.fixture(autouse=True)
def _fake_eyes(request, monkeypatch):
    if request.node.get_closest_marker("engine") or request.node.get_closest_marker("browser"):
        return
    monkeypatch.setattr(engine, "engine", fakes.FakeEngine)


@pytest.fixture
def samples() -> list[Path]:
    """The six party photos of @vladmandic/face-api."""
    paths = sorted(SAMPLES.glob("sample*.jpg"))
    if not paths and not REQUIRE_ALL:
        pytest.skip("node_modules is absent: run bin/test once")
    assert len(paths) == 6
    return paths


@pytest.fixture
def labelled_faces() -> Path:
    """Real photos with known people, where this machine has them."""
    if not (FACES / "group" / "labels.json").exists():
        pytest.skip(f"no labelled faces in {FACES}: set FINDME_FACES_DIR")
    return FACES


@pytest.fixture
def organizer(db) -> User:
    return builders.make_user("Olga", is_staff=True)


@pytest.fixture
def rival_organizer(db) -> User:
    """Organizes another event."""
    rival = builders.make_user("Rival", is_staff=True)
    builders.add_member(builders.make_event(), rival, Membership.Role.ORGANIZER)
    return rival


@pytest.fixture
def guest(db) -> User:
    return builders.make_user("Gina")


@pytest.fixture
def other_guest(db) -> User:
    return builders.make_user("Otto")


@pytest.fixture
def stranger(db) -> User:
    """Has an account, and joined nothing."""
    return builders.make_user("Stranger")


@pytest.fixture
def event(organizer, guest, other_guest) -> Event:
    event = builders.make_event()
    builders.add_member(event, organizer, Membership.Role.ORGANIZER)
    builders.add_member(event, guest)
    builders.add_member(event, other_guest)
    return event


@pytest.fixture
def as_user():
    """`as_user(guest)` is a browser in which the guest is logged in."""

    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="events.entrance.backends.DeskBackend")
        return client

    return log_in


@pytest.fixture
def limited(settings, monkeypatch):
    """`limited(sign_in="2/m/ip")` changes that limit."""

    def change(**rates: str) -> None:
        for name, rate in rates.items():
            monkeypatch.setitem(limits.LIMITS, name, replace(limits.LIMITS[name], rates=rate))
        settings.ACCOUNT_RATE_LIMITS = limits.rates()

    return change


@pytest.fixture
def third_index(monkeypatch) -> None:
    """Another kind of index, added by one entry: not remote, and of a model of its own."""
    monkeypatch.setitem(IMPLEMENTATIONS, "third", "tests.faces.index.third.ThirdIndex")


@pytest.fixture
def rekognition(request, settings, monkeypatch) -> Iterator[RekognitionServer]:
    """New events are indexed at a server that speaks Rekognition's protocol, without its pace."""
    eyes = LocalEyes() if request.node.get_closest_marker("engine") else SquareEyes()
    with RekognitionServer(eyes=eyes) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        settings.FACE_INDEX = "rekognition"
        settings.REKOGNITION_REGION = server.keys.region
        settings.REKOGNITION_CALLS_PER_SECOND = 10_000
        monkeypatch.setattr(asking, "SETTLING", timedelta(0))
        monkeypatch.setattr(searching, "QUIET", timedelta(0))
        aws.forget_client()
        yield server
        aws.forget_client()


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    """A mail server that all letters go to from here on."""
    with listening(settings) as server:
        yield server
