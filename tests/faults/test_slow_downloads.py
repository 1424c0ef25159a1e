"""More guests who take photos home slowly than the server has threads: everybody else goes on."""

from __future__ import annotations

import http.client
import threading
from contextlib import ExitStack

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connections
from waitress import create_server

from events.models import Event
from photos.delivery import bundles
from photos.delivery.outgoing import Room
from tests.builders import make_photo
from tests.photos.delivery.answers import address, content
from tests.photos.imaging.test_stripping import large

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

THREADS = 2
# More than the server buffers of an answer that comes from a thread, and than sockets hold.
MEGABYTES = 32


def application(environ, start_response):
    try:
        return WSGIHandler()(environ, start_response)
    finally:
        connections.close_all()  # the test's database is emptied afterwards


@pytest.fixture
def port():
    server = create_server(application, listen="127.0.0.1:0", threads=THREADS)
    loop = threading.Thread(target=server.run, daemon=True)
    loop.start()
    yield server.effective_port
    server.trigger.pull_trigger(server.close)
    server.task_dispatcher.shutdown()


@pytest.fixture
def ask(port, as_user, guest):
    client = as_user(guest)
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={'t' * 32}"
    headers = {"Cookie": cookies, "X-CSRFToken": "t" * 32, "Host": "localhost"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    with ExitStack() as stack:

        def send(method, path, body=None):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            stack.callback(connection.close)
            connection.request(method, path, body, headers)
            return connection.getresponse()

        yield send


def test_slow_downloads_leave_the_threads_to_those_who_look(event, ask):
    call_command("createcachetable", verbosity=0)
    Event.objects.update(downloads="original")
    photos = [make_photo(event, original=large("JPEG", MEGABYTES)) for _ in range(2)]
    many = "&".join(f"photo={photo.pk}" for photo in photos)
    slow = [ask("GET", address("download", event, photos[0].pk)) for _ in range(THREADS + 1)]
    slow += [ask("POST", address("download_selection", event), many) for _ in range(2)]
    assert [(answer.status, len(answer.read(9))) for answer in slow] == [(200, 9)] * len(slow)
    assert ask("GET", event.get_absolute_url()).status == 200
    for answer in slow:
        answer.close()
    assert bundles._room._used == 2  # as long as their connections are open


@pytest.fixture
def no_archives(monkeypatch):
    """Others have all the archives that this process makes at once."""
    rooms = {"_room": Room(1), "_making": Room(1)}
    with ExitStack() as others:
        for name, room in rooms.items():
            room.take(1, others)
            monkeypatch.setattr(bundles, name, room)
        yield


def test_an_archive_that_the_browser_builds_waits_for_nobodys(event, as_user, guest, no_archives):
    data = {"photo": [make_photo(event).pk for _ in range(3)]}
    client = as_user(guest)
    accept = {"accept": "application/json"}
    found = client.post(address("download_selection", event), data, headers=accept).json()
    for number, (photo, name, _length) in enumerate(found["photos"]):
        answer = client.get(found["address"].replace("/0/", f"/{photo}/"))
        assert (answer.status_code, photo) == (200, data["photo"][number])
        assert name in answer["Content-Disposition"]
        assert content(answer)
