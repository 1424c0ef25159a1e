"""General, narrowed to a section."""

import pytest
from django.urls import reverse

from photos import sections
from tests.builders import make_photo, photos_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(event, organizer):
    return [sections.make(event, name, by=organizer) for name in ("Ceremony", "Party", "Empty")]


def general(client, event, **query):
    return client.get(reverse("general", args=[event.slug]), query)


def test_chips_lead_to_each_section_that_has_something_to_see(made, event, guest, as_user):
    photo = make_photo(event, section=made[1])
    make_photo(event, section=made[2], hidden=True)
    make_photo(event)
    client = as_user(guest)
    page = general(client, event)
    assert [chip.label for chip in page.context["section_chips"]] == ["All", "Party"]
    narrowed = general(client, event, section=made[1].pk)
    assert photos_shown(narrowed.context["page"]) == [photo]
    assert f"photos/{photo.pk}/?section={made[1].pk}" in narrowed.content.decode()


def test_without_sections_nothing_is_said_of_them(event, guest, as_user):
    make_photo(event)
    assert 'class="sections"' not in general(as_user(guest), event).content.decode()


def test_what_is_no_section_of_the_event_narrows_nothing(
    made, event, rival_organizer, guest, as_user
):
    photo = make_photo(event)
    theirs = sections.make(rival_organizer.events.get(), "Theirs", by=rival_organizer)
    for asked in (theirs.pk, "x", made[0].pk):
        page = general(as_user(guest), event, section=asked)
        assert photos_shown(page.context["page"]) == [photo]


def test_a_photographers_photos_of_a_section(made, event, organizer, guest, as_user):
    theirs = make_photo(event, section=made[0], uploader=organizer)
    make_photo(event, section=made[0])
    make_photo(event, uploader=organizer)
    page = general(as_user(guest), event, section=made[0].pk, by=organizer.pk)
    assert photos_shown(page.context["page"]) == [theirs]
    assert f"?by={organizer.pk}&amp;section={made[0].pk}" in page.content.decode()


def test_a_renamed_section_makes_the_page_another(made, event, organizer, guest, as_user):
    make_photo(event, section=made[0])
    client = as_user(guest)
    general(client, event)  # sets the cookie that the forms' token is good with
    for query in ({}, {"section": made[0].pk}):
        etag = general(client, event, **query)["ETag"]
        again = client.get(reverse("general", args=[event.slug]), query, HTTP_IF_NONE_MATCH=etag)
        assert again.status_code == 304
        sections.rename(made[0], f"{made[0].name} I", by=organizer)
        again = client.get(reverse("general", args=[event.slug]), query, HTTP_IF_NONE_MATCH=etag)
        assert again.status_code == 200
        assert made[0].name in again.content.decode()


def test_the_way_to_a_time_has_the_sections_too(made, event, guest, as_user):
    make_photo(event, section=made[0])
    page = as_user(guest).get(reverse("times", args=[event.slug]), {"section": made[0].pk})
    assert f"?section={made[0].pk}" in page.content.decode()
    assert "Ceremony" in page.content.decode()
