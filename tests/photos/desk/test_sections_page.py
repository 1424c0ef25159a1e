"""The desk's page of sections."""

from datetime import timedelta

import pytest
from django.urls import reverse

from photos import sections
from photos.models import Photo
from tests.builders import NOON, make_photo
from tests.photos.desk.pages import LIST, act_on, press, undo_token

pytestmark = pytest.mark.django_db
DAY = "2026-06-20"
HALF_AN_HOUR = {"start_0": DAY, "start_1": "14:00", "end_0": DAY, "end_1": "14:30"}


@pytest.fixture
def address(event):
    return reverse("admin:events_event_sections", args=[event.pk])


@pytest.fixture
def made(event, organizer):
    return [sections.make(event, name, by=organizer) for name in ("Ceremony", "Party")]


def names(event):
    return [section.name for section in sections.of(event)]


def test_only_the_events_organizers_reach_it(made, address, rival_organizer, guest, as_user, event):
    assert as_user(rival_organizer).post(address, {"make": "", "name": "X"}).status_code == 404
    assert as_user(guest).post(address, {"make": "", "name": "X"}).status_code == 302
    foreign = reverse("admin:events_event_sections", args=[rival_organizer.events.get().pk])
    answer = as_user(rival_organizer).post(foreign, {"remove": made[0].pk})
    assert (answer.status_code, names(event)) == (404, ["Ceremony", "Party"])


def test_sections_are_made_renamed_and_moved(made, address, event, organizer, as_user):
    client = as_user(organizer)
    client.post(address, {"make": "", "name": "Dinner"})
    client.post(address, {"rename": made[0].pk, "name": "Church"})
    client.post(address, {"up": made[1].pk})
    assert names(event) == ["Party", "Church", "Dinner"]
    client.post(address, {"order": f"{made[0].pk},{made[1].pk}"})
    page = client.post(address, {"down": made[0].pk}, follow=True)
    assert [section.name for section in page.context["sections"]] == ["Party", "Church", "Dinner"]
    assert names(event) == ["Party", "Church", "Dinner"]


def test_a_name_that_is_taken_is_refused_at_its_field(made, address, event, organizer, as_user):
    client = as_user(organizer)
    for fields in ({"make": ""}, {"rename": made[1].pk}):
        answer = client.post(address, fields | {"name": "ceremony"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "There is a section of that name already." in page
        assert page.count('aria-invalid="true"') == 1
    assert names(event) == ["Ceremony", "Party"]


def test_a_deleted_section_can_be_taken_back_with_its_photos(
    made, address, event, organizer, as_user
):
    photo = make_photo(event, section=made[0])
    client = as_user(organizer)
    page = client.post(address, {"remove": made[0].pk}, follow=True)
    assert names(event) == ["Party"]
    press(client, undo=undo_token(page))
    photo.refresh_from_db()
    assert photo.section.name == "Ceremony"
    assert names(event) == ["Ceremony", "Party"]


def test_a_span_of_time_is_counted_first_and_is_the_events(
    made, address, event, organizer, as_user
):
    """14:00 in Paris, in summer, is noon."""
    inside = [make_photo(event, taken_at=NOON), make_photo(event, taken_at=NOON, hidden=True)]
    outside = make_photo(event, taken_at=NOON + timedelta(hours=1))
    span = HALF_AN_HOUR | {"section": made[0].pk}
    client = as_user(organizer)
    assert "Put 2 photos in “Ceremony”" in client.get(address, span).content.decode()
    page = client.post(address, span | {"assign": ""}, follow=True)
    assert "2 photos are in “Ceremony” now." in page.content.decode()
    assert set(made[0].photos.all()) == set(inside)
    assert outside not in made[0].photos.all()
    press(client, undo=undo_token(page))
    assert not made[0].photos.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start_0": "soon"}, "Please give a date such as 15.11.2026."),
        ({"end_0": "2026-06-20", "end_1": "13:00"}, "The end is before the beginning."),
        ({"section": "0"}, "That is not there any more."),
    ],
)
def test_a_span_that_is_none_is_refused_at_its_field(
    made, address, organizer, as_user, fields, words
):
    span = HALF_AN_HOUR | {"section": made[0].pk}
    for send in (as_user(organizer).get, as_user(organizer).post):
        answer = send(address, span | fields | {"assign": ""})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("deed", ["rename", "remove", "up", "down"])
def test_a_section_that_a_colleague_deleted_is_told_to_be_gone(
    made, address, event, organizer, as_user, deed
):
    deleted = made[0].pk
    sections.remove(made[0], by=organizer)
    fields = {deed: deleted, "name": "Church"}
    page = as_user(organizer).post(address, fields, follow=True)
    assert page.redirect_chain == [(address, 302)]
    assert "That is not there any more." in page.content.decode()
    assert names(event) == ["Party"]


def test_a_span_for_the_last_section_that_a_colleague_deleted_is_told_so(
    made, address, organizer, as_user
):
    span = HALF_AN_HOUR | {"section": made[0].pk}
    for section in made:
        sections.remove(section, by=organizer)
    for send, fields in ((as_user(organizer).get, {}), (as_user(organizer).post, {"assign": ""})):
        page = send(address, span | fields, follow=True)
        assert page.redirect_chain == [(address, 302)]
        assert "That is not there any more." in page.content.decode()


def test_the_list_puts_what_is_ticked_in_a_section_and_highlights_it(
    made, event, organizer, as_user
):
    photos = [make_photo(event) for _ in range(2)]
    client = as_user(organizer)
    page = act_on(client, f"section_{made[1].pk}", photos)
    assert "2 photos are in “Party” now." in page.content.decode()
    act_on(client, "add_highlight", photos[:1])
    listed = client.get(reverse(LIST), {"section": made[1].pk, "highlight__exact": 1})
    assert list(listed.context["cl"].result_list) == photos[:1]
    act_on(client, "section_none", photos[1:])
    assert list(made[1].photos.all()) == photos[:1]


def test_the_list_is_ordered_and_narrowed_to_a_day_of_the_events_place(event, organizer, as_user):
    late = make_photo(event, name="a.jpg", taken_at=NOON + timedelta(hours=11))  # 1:00 in Paris
    early = make_photo(event, name="b.jpg", taken_at=NOON)
    client = as_user(organizer)

    def shown(**query):
        listed = client.get(reverse(LIST), {"event__id__exact": event.pk} | query)
        return list(listed.context["cl"].result_list)

    assert shown() == [early, late]
    assert shown(order="newest") == [late, early]
    assert shown(order="oldest") == [early, late]
    assert shown(order="name") == [late, early]
    assert shown(day="2026-06-21") == [late]
    for nonsense in ({"day": "x"}, {"day": "9999-12-31"}, {"order": "x"}, {"section": "x"}):
        assert len(shown(**nonsense)) in (0, 2)
    assert Photo.objects.count() == 2
