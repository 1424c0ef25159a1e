"""Whatever the desk is asked, the answer is never a 500."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.builders import make_photo

pytestmark = pytest.mark.django_db

NASTY = ["\x00", "a\x00b", "9" * 5000, "٣", "²", "-1", "1e400", "nan", "'\"><script>", "é中🙂"]
PAGES = {
    "guests": ("q", "role", "page"),
    "threshold": ("other",),
    "cover": ("before", "after"),
    "poster": ("size", "language"),
    "costs": ("photos", "guests"),
    "requests": ("page",),
    "history": ("page",),
}
PHOTO_FILTERS = ("q", "event__id__exact", "uploader__id__exact", "status__exact", "faces", "p", "o")


@pytest.fixture
def client(organizer, as_user):
    client = as_user(organizer)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_in_what_pages_are_asked(client, event, text):
    asked = [
        (reverse(f"admin:events_event_{page}", args=[event.pk]), name)
        for page, names in PAGES.items()
        for name in names
    ]
    asked += [(reverse("admin:photos_photo_changelist"), name) for name in PHOTO_FILTERS]
    asked += [(reverse("admin:events_event_changelist"), name) for name in ("q", "name__contains")]
    failed = [
        (address, name)
        for address, name in asked
        if client.get(address, {name: text}).status_code >= 500
    ]
    assert failed == []


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_in_what_is_sent(client, event, text):
    photo = make_photo(event)
    photos, act = reverse("admin:photos_photo_changelist"), reverse("admin:photos_photo_act")
    answers = [
        client.post(photos, {"action": "hide", "_selected_action": [text]}),
        client.post(photos, {"action": text, "_selected_action": [photo.pk]}),
        *(client.post(act, {deed: text}) for deed in ("hide", "show", "undo", "remove", "retry")),
        client.post(act, {"hide": photo.pk, "next": text}),
        client.post(reverse("admin:events_event_cover", args=[event.pk]), {"photo": text}),
        client.post(reverse("admin:events_event_requests", args=[event.pk]), {"hide": text}),
        client.post(reverse("admin:events_event_guests", args=[event.pk]), {"email": text}),
        client.post(reverse("admin:events_event_delete", args=[event.pk]), {"name": text}),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
