"""What the log of an event says of originals that were taken home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core.cache import cache
from django.utils import timezone

from events.models import Membership
from tests.builders import add_member, make_photo, make_user
from tests.photos.export.pages import CHOICE, address, file_links, links, logged

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_user, organizer):
    return as_user(organizer)


def take(client, link, wanted=None):
    return client.get(link, headers={"Range": f"bytes={wanted}"} if wanted else {}).getvalue()


def test_a_probe_of_a_byte_is_no_export_and_a_download_from_the_second_on_is(client, event):
    make_photo(event)
    (link,) = links(client.get(address(event), CHOICE))
    take(client, link, "0-0")
    assert logged(event) == []
    for wanted in ("1-", "1000-", None):
        take(client, link, wanted)
    assert logged(event) == ["Exported originals (1)"]


def test_the_log_names_a_download_again_after_an_hour_and_each_persons(
    as_user, client, event, organizer
):
    make_photo(event)
    (link,) = links(client.get(address(event), CHOICE))
    partner = make_user("Pia", is_staff=True)
    add_member(event, partner, Membership.Role.ORGANIZER)
    for browser in (client, client, as_user(partner)):
        take(browser, link)
    assert len(logged(event)) == 2
    cache.clear()  # as the hour does
    take(client, link)
    assert len(logged(event)) == 3


def test_the_table_is_in_the_log(client, event):
    make_photo(event)
    for _ in range(2):
        client.get(address(event, "export_table"), CHOICE)
    make_photo(event)
    client.get(address(event, "export_table"), CHOICE)
    assert logged(event) == [f"Exported the table of photos ({n})" for n in (2, 1)]


def test_single_files_of_an_hour_are_one_line(client, event):
    for _ in range(3):
        make_photo(event)
    choice = CHOICE | {"size": "files"}
    first, *others = file_links(client.get(address(event), choice))
    take(client, first, "0-0")
    assert logged(event) == []
    take(client, first, "1-")
    for link in others:
        take(client, link)
    assert logged(event) == ["Exported single originals (3)"]
    LogEntry.objects.update(timestamp=timezone.now() - timedelta(minutes=61))
    take(client, first)
    assert logged(event) == [f"Exported single originals ({n})" for n in (1, 3)]
