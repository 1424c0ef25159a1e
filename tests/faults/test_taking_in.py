"""Photos come in while others are looked at: workers let the web server go first, and an upload
does nothing twice."""

from __future__ import annotations

import os
import socket
import sys
import time

import pytest
from django.urls import reverse

from findme.management.commands import run
from findme.running.supervisor import Child
from photos.intake import ingest
from photos.models import Photo
from photos.store import pieces
from tests.fakes import picture


class Started:
    """In place of a supervisor: says whom it was to start."""

    children: list[Child] = []

    def __init__(self, children, watchers, **options) -> None:
        Started.children = children

    def run(self) -> None:
        pass


@pytest.mark.django_db
def test_on_one_machine_workers_are_nicer_than_the_web_server(monkeypatch):
    monkeypatch.delenv("WORKER_NICE", raising=False)
    monkeypatch.setattr(run, "Supervisor", Started)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        run.Command()._supervise(listener, listener.getsockname(), None)
    nice = {child.name: child.nice for child in Started.children}
    assert nice == {"web-1": 0, "web-2": 0, "worker": 10}


def test_a_child_may_be_nicer_than_we_are(tmp_path):
    told = tmp_path / "nice"
    code = f"import os; open({str(told)!r}, 'w').write(str(os.nice(0)))"
    child = Child("child", [sys.executable, "-c", code], nice=3)
    child.start(0)
    while not (told.exists() and told.read_text()):
        time.sleep(0.02)
    assert int(told.read_text()) == os.nice(0) + 3
    child.kill()


@pytest.fixture
def noted(monkeypatch):
    """How often an original was hashed, and sent to the database."""
    calls = []

    def note(module, name):
        function = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args: (calls.append(name), function(*args))[1])

    note(ingest, "_digests")
    note(pieces, "write")
    return calls


@pytest.mark.django_db
def test_an_upload_is_hashed_once_and_sent_to_the_database_once(event, organizer, as_user, noted):
    address = reverse("admin:photos_photo_receive", args=[event.pk])
    client, body = as_user(organizer), {"content_type": "application/octet-stream"}
    answer = client.post(address, data=picture([1]), **body)
    assert answer.json() == {"state": "accepted"}
    assert Photo.objects.count() == 1
    assert noted == ["_digests", "write"]
