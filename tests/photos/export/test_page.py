"""The desk's page of originals: who gets which, in parts that can be resumed."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from events.models import Membership
from photos.export import page
from photos.models import Favourite, Photo, Section
from tests.builders import add_member, make_event, make_photo, make_user
from tests.photos.export.pages import CHOICE, address, file_links, links, logged, names_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_user, organizer):
    return as_user(organizer)


def exported(client, event, **choice):
    """The names of all photos that the page's links lead to."""
    found = links(client.get(address(event), CHOICE | choice))
    return [name for link in found for name in names_in(client, link) if not name.endswith(".csv")]


def test_everything_comes_back_and_the_log_says_so(client, event):
    photos = [make_photo(event), make_photo(event, hidden=True), make_photo(event)]
    assert exported(client, event) == [photo.name for photo in photos]
    assert exported(client, event, hidden="") == [photos[0].name, photos[2].name]
    assert logged(event) == ["Exported originals (2)", "Exported originals (3)"]


def test_parts_name_their_photos_and_hold_no_others(client, event, monkeypatch):
    photos = [make_photo(event) for _ in range(3)]
    monkeypatch.setitem(page.choice.SIZES, "500mb", 1)
    answer = client.get(address(event), CHOICE | {"size": "500mb"})
    assertContains(answer, "Download part 3 of 3")
    found = links(answer)
    late = make_photo(event)
    assert [names_in(client, link)[1:] for link in found] == [[photo.name] for photo in photos]
    assert names_in(client, found[1])[0] == "photos-2.csv"
    assert late.name not in str([names_in(client, link) for link in found])


def test_one_section_and_ones_own_favourites(client, event, organizer, guest):
    dinner = Section.objects.create(event=event, name="Dinner")
    liked, in_section = make_photo(event), make_photo(event, section=dinner)
    Favourite.objects.create(user=organizer, photo=liked)
    Favourite.objects.create(user=guest, photo=in_section)
    assert exported(client, event, photos=f"section-{dinner.pk}") == [f"Dinner/{in_section.name}"]
    assert exported(client, event, photos="favourites") == [liked.name]


def test_highlights_and_what_hosts_marked_for_the_album(client, event, guest):
    host = make_user("Hanna")
    add_member(event, host, Membership.Role.HOST)
    unproven = make_user("Somebody", address_proven_at=None)
    add_member(event, unproven, Membership.Role.HOST)
    shown, album, _other = make_photo(event, highlight=True), make_photo(event), make_photo(event)
    marked = [(host, album), (host, make_photo(make_event())), (guest, _other), (unproven, _other)]
    for user, photo in marked:
        Favourite.objects.create(user=user, photo=photo)
    page = client.get(address(event))
    assertContains(page, "Highlights (1)")
    assertContains(page, "Favourites of the hosts (1)")
    assert exported(client, event, photos="highlights") == [shown.name]
    assert exported(client, event, photos="hosts") == [album.name]


def test_photos_selected_in_the_list_are_exported(client, event):
    chosen, _other = [make_photo(event), make_photo(event)], make_photo(event)
    form = {"action": "export", "_selected_action": [photo.pk for photo in chosen]}
    led = client.post(reverse("admin:photos_photo_changelist"), form)
    assert led.url.startswith(f"{address(event)}?selection=")
    word = unquote(led.url.partition("=")[2])
    page = client.get(led.url)
    assertContains(page, "The 2 photos that you selected")
    assertContains(page, 'type="radio" name="size"', count=4)
    assert exported(client, event, photos="selection", selection=word) == [
        photo.name for photo in chosen
    ]


def test_photos_of_two_events_are_not_exported_together(client, event, organizer):
    second = make_event()
    add_member(second, organizer, Membership.Role.ORGANIZER)
    form = {
        "action": "export",
        "_selected_action": [make_photo(event).pk, make_photo(second).pk],
    }
    led = client.post(reverse("admin:photos_photo_changelist"), form, follow=True)
    assertContains(led, "Please choose photos of one event.")


def test_more_photos_than_a_link_names_are_not_selected(client, event, monkeypatch):
    monkeypatch.setattr(page.choice, "LONGEST_SELECTION", 10)
    form = {"action": "export", "_selected_action": [make_photo(event).pk]}
    led = client.post(reverse("admin:photos_photo_changelist"), form, follow=True)
    assertContains(led, "These are too many to choose one by one.")


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"photos": "section-0"}, "Please choose one of these."),
        ({"size": "9tb"}, "Please choose one of these."),
        ({"photos": "selection", "selection": "cut-off"}, "The link to these photos is not whole"),
    ],
)
def test_a_bad_choice_is_refused_at_its_field(client, event, choice, words):
    answer = client.get(address(event), CHOICE | choice)
    assertContains(answer, words, status_code=422)
    for name in ("export_part", "export_table"):
        again = client.get(address(event, name), CHOICE | choice, follow=True)
        assertContains(again, words, status_code=422)


def test_an_old_link_leads_to_new_ones(client, event):
    gone, stays = make_photo(event), make_photo(event)
    (link,) = links(client.get(address(event), CHOICE))
    Photo.objects.filter(pk=gone.pk).delete()
    assert names_in(client, link) == ["photos.csv", stays.name]
    stays.delete()
    assertContains(client.get(link, follow=True), "There are no such photos.")


def test_a_selection_names_no_photos_of_another_event(client, event):
    mine, strange = make_photo(event), make_photo(make_event())
    word = page.choice.selection_of([mine.pk, strange.pk])
    assert exported(client, event, photos="selection", selection=word) == [mine.name]


def test_a_download_that_broke_off_goes_on(client, event):
    make_photo(event)
    (link,) = links(client.get(address(event), CHOICE))
    whole = client.get(link)
    data, etag = whole.getvalue(), whole["ETag"]
    assert whole["Content-Length"] == str(len(data))
    rest = client.get(link, headers={"Range": "bytes=1000-", "If-Range": etag})
    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes 1000-{len(data) - 1}/{len(data)}"
    assert rest.getvalue() == data[1000:]
    assert client.head(link)["Content-Length"] == str(len(data))
    assert client.get(link, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    Photo.objects.update(hidden=True)  # is in the table, and so in the bytes
    anew = client.get(link, headers={"Range": "bytes=1000-", "If-Range": etag})
    assert anew.status_code == 200
    anew.getvalue()
    assert logged(event) == ["Exported originals (1)"] * 2  # of other bytes


def test_single_files_are_listed_by_pages(client, event, monkeypatch):
    monkeypatch.setattr(page, "FILES_A_PAGE", 2)
    photos = [make_photo(event) for _ in range(3)]
    answer = client.get(address(event), CHOICE | {"size": "files", "page": "2"})
    (link,) = file_links(answer)
    assert f"/{photos[2].pk}/" in link
    assert photos[0].name not in answer.content.decode()


def test_a_single_file_is_named_as_the_page_and_the_table_name_it(client, event):
    dinner = Section.objects.create(event=event, name="Dinner")
    photos = [make_photo(event, name="IMG.jpg", section=section) for section in (None, dinner)]
    choice = CHOICE | {"size": "files"}
    page = client.get(address(event), choice)
    table = client.get(address(event, "export_table"), choice).content.decode()
    saved = [client.get(link) for link in file_links(page)]
    for answer, name in zip(saved, ["IMG.jpg", "IMG (2).jpg"], strict=True):
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assertContains(page, f">{name}</a>")
        assert f"\n{name},IMG.jpg," in table
    assert [len(answer.getvalue()) for answer in saved] == [one.byte_size for one in photos]


def test_single_files_are_the_desks_whoever_sits_there(as_user, client, event, organizer):
    photo = make_photo(event)
    boss = make_user("Sue", is_superuser=True, is_staff=True)
    client.get(reverse("general", args=[event.slug]), {"as": "guest"})
    for browser in (client, as_user(boss)):
        (link,) = file_links(browser.get(address(event), CHOICE | {"size": "files"}))
        assert len(browser.get(link).getvalue()) == photo.byte_size


def test_a_file_that_is_not_of_the_choice_leads_to_the_page(client, event):
    hidden, strange = make_photo(event, hidden=True), make_photo(make_event())
    choice = CHOICE | {"size": "files", "hidden": ""}
    for photo in (hidden, strange):
        one = reverse("admin:events_event_export_file", args=[event.pk, photo.pk])
        assertContains(client.get(one, choice, follow=True), "There are no such photos.")


def test_the_table_of_all_is_a_link(client, event):
    photo = make_photo(event)
    answer = client.get(address(event, "export_table"), CHOICE)
    assertContains(answer, photo.sha256)
    assert answer["Content-Disposition"] == f'attachment; filename="{event.slug}-photos.csv"'


def test_nothing_to_export_is_said(client, event):
    assertContains(client.get(address(event), CHOICE), "There are no such photos.")


@pytest.mark.parametrize("name", ["export", "export_part", "export_table", "export_file"])
def test_only_its_organizers_export_an_event(as_user, event, rival_organizer, name):
    photographer = make_user("Paula")
    add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
    more = [make_photo(event).pk] if name == "export_file" else []
    page = reverse(f"admin:events_event_{name}", args=[event.pk, *more])
    for user in (rival_organizer, photographer):
        assert as_user(user).get(page, CHOICE).status_code in (403, 404)


def test_the_page_takes_few_questions(client, event, django_assert_max_num_queries):
    for _ in range(5):
        make_photo(event)
    with django_assert_max_num_queries(25):
        assertContains(client.get(address(event), CHOICE), "5 photos")
