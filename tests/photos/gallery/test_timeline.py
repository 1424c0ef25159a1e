"""Jumping to a time, and to a photographer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from events.models import Membership
from photos.gallery import paging
from photos.models import Photo
from tests.builders import NOON, add_member, make_photo, make_user, photos_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def photographer(event):
    anna = make_user("Anna")
    add_member(event, anna, Membership.Role.PHOTOGRAPHER)
    return anna


def get(client, event, name="times", **query):
    return client.get(reverse(name, args=[event.slug]), query)


def test_every_hour_with_photos_is_offered_newest_first(event, as_user, guest):
    for minutes in (0, 10, 70):
        make_photo(event, taken_at=NOON + timedelta(minutes=minutes))
    make_photo(event, taken_at=NOON + timedelta(minutes=300), hidden=True)
    (day,) = get(as_user(guest), event).context["days"]
    assert [(hour.label, hour.count) for hour in day.hours] == [("15:00", 1), ("14:00", 2)]
    assert day.count == 3


def test_a_day_of_another_year_is_named_with_it_in_the_gallery_and_in_the_times(
    event, as_user, guest
):
    make_photo(event, taken_at=NOON.replace(year=2003))
    client = as_user(guest)
    for name in ("times", "general"):
        (day,) = get(client, event, name).context["days"]
        assert day.label == "Friday 20 June 2003"


def test_an_hour_leads_to_its_last_photo(event, as_user, guest):
    first, last = (make_photo(event, taken_at=NOON + timedelta(minutes=m)) for m in (0, 59))
    later = make_photo(event, taken_at=NOON + timedelta(minutes=60))
    client = as_user(guest)
    (day,) = get(client, event).context["days"]
    answer = client.get(f"{reverse('general', args=[event.slug])}?{day.hours[1].query}")
    assert photos_shown(answer.context["page"]) == [last, first]
    assert later not in photos_shown(answer.context["page"])


def test_general_is_narrowed_to_a_photographer_on_every_page(
    event, as_user, guest, photographer, monkeypatch
):
    monkeypatch.setattr(paging, "PAGE_SIZE", 3)
    theirs = [make_photo(event, uploader=photographer) for _ in range(4)]
    make_photo(event)
    client = as_user(guest)
    first = get(client, event, "general", by=photographer.pk).context
    assert first["photo_count"] == 4
    second = client.get(reverse("general", args=[event.slug]) + first["page"].older).context
    assert [*photos_shown(first["page"]), *photos_shown(second["page"])] == theirs[::-1]


def test_only_those_who_photograph_the_event_are_named_and_never_by_address(
    event, as_user, guest, photographer
):
    nameless = make_user("")
    add_member(event, nameless, Membership.Role.PHOTOGRAPHER)
    for uploader in (guest, photographer, nameless):
        make_photo(event, uploader=uploader)
    page = get(as_user(guest), event)
    names = [one.name for one in page.context["photographers"]]
    assert names == ["Photographer 1", "Anna"]
    assert nameless.email not in page.content.decode()


@pytest.mark.parametrize("nonsense", ["x", "0", "-1", "9" * 30, "' OR 1"])
def test_a_photographer_that_is_none_narrows_nothing(event, as_user, guest, nonsense):
    photo = make_photo(event)
    answer = get(as_user(guest), event, "general", by=nonsense)
    assert photos_shown(answer.context["page"]) == [photo]


def test_outsiders_and_visitors_learn_no_times(event, as_user, stranger, client):
    for name in ("times", "general_news"):
        assert get(as_user(stranger), event, name).status_code == 404
        assert get(client, event, name).status_code == 302


def test_in_general_new_photos_are_counted_since_the_page_was_made(event, as_user, guest):
    make_photo(event)
    client = as_user(guest)
    page = get(client, event, "general")
    assert f'hx-get="{escape(page.context["news_url"])}?shown=1"' in page.content.decode()
    Photo.objects.update(hidden=True)
    for _ in range(3):
        make_photo(event)
    assert get(client, event, "general_news", shown=1).context["news"] == 2
    assert get(client, event, "general_news", shown=3).context["news"] == 0
    assert get(client, event, "general_news", shown="x").context["news"] == 0


def test_a_photographer_who_is_renamed_is_so_with_the_next_answer(
    event, as_user, guest, photographer, organizer
):
    for uploader in (photographer, organizer):
        make_photo(event, uploader=uploader)
    client = as_user(guest)
    for name in ("times", "general"):
        address, query = reverse(name, args=[event.slug]), {"by": photographer.pk}
        client.get(address, query)
        etag = client.get(address, query)["ETag"]
        assert client.get(address, query, headers={"if-none-match": etag}).status_code == 304
        photographer.name += " B."
        photographer.save()
        again = client.get(address, query, headers={"if-none-match": etag})
        assert photographer.name in again.content.decode()


def test_what_comes_after_photos_were_hidden_is_counted_from_there(event, guest, as_user):
    client = as_user(guest)
    photos = [make_photo(event) for _ in range(3)]
    Photo.objects.filter(pk=photos[0].pk).update(hidden=True)
    after = get(client, event, "general_news", shown=3)
    make_photo(event)
    assert get(client, event, "general_news", shown=after.context["shown"]).context["news"] == 1


def test_who_has_no_name_has_one_number_and_whom_one_sees_nothing_of_has_none(
    event, guest, as_user
):
    """A gap in the numbers would tell of somebody whose photos nobody sees yet."""
    photographers = [make_user(name="") for _ in range(3)]
    for number, one in enumerate(photographers):
        add_member(event, one, "photographer")
        last = make_photo(event, uploader=one, published=number != 0)
    general = as_user(guest).get(reverse("general", args=[event.slug])).content.decode()
    times = as_user(guest).get(reverse("times", args=[event.slug])).content.decode()
    for page in (general, times):
        assert "Photographer 1" in page
        assert "Photographer 2" in page
        assert "Photographer 3" not in page
    chip = f"by={photographers[2].pk}"
    assert "Photographer 2" in times.partition(chip)[2].partition("</a>")[0]
    photo = as_user(guest).get(reverse("photo", args=[event.slug, last.pk])).content.decode()
    assert "Photographer 2" in photo
