"""Hiding, showing, deleting: in bulk, within bounds, undoable."""

import pytest
from django.urls import reverse

from events import audit
from faces.models import Face, FaceMatch, PhotoScan
from photos.models import Photo
from tests.builders import make_event, make_face, make_match, make_photo, make_scan

pytestmark = pytest.mark.django_db

ACT = "admin:photos_photo_act"
LIST = "admin:photos_photo_changelist"


def act(client, **fields):
    return client.post(reverse(ACT), fields, follow=True)


def do(client, action, photos, **fields):
    data = {"action": action, "_selected_action": [photo.pk for photo in photos]} | fields
    return client.post(reverse(LIST), data, follow=True)


def undo_token(page):
    _, _, rest = page.content.decode().partition('name="undo" value="')
    return rest.partition('"')[0]


def hidden(*photos):
    rows = Photo.objects.filter(pk__in=[photo.pk for photo in photos])
    return dict(rows.values_list("pk", "hidden"))


def test_undo_takes_back_exactly_what_the_action_changed(event, organizer, as_user):
    before, now = make_photo(event, hidden=True), make_photo(event)
    client = as_user(organizer)
    page = do(client, "hide", [before, now])
    assert "1 photo is hidden from guests." in page.content.decode()
    page = act(client, undo=undo_token(page))
    assert hidden(before, now) == {before.pk: True, now.pk: False}
    assert "Undone." in page.content.decode()


def test_undo_works_once_and_only_for_the_last_action(event, organizer, as_user):
    one, two = make_photo(event), make_photo(event)
    client = as_user(organizer)
    first = undo_token(do(client, "hide", [one]))
    second = undo_token(do(client, "hide", [two]))
    assert "no longer" in act(client, undo=first).content.decode()
    assert hidden(one, two) == {one.pk: True, two.pk: True}
    assert "no longer" in act(client, undo=second).content.decode()


def test_a_hidden_photo_is_gone_for_guests_at_once(event, organizer, guest, as_user):
    photo = make_photo(event)
    make_match(guest, photo)
    addresses = [reverse("general", args=[event.slug]), reverse("my_photos", args=[event.slug])]
    pictures = [
        reverse(kind, args=[event.slug, photo.pk])
        for kind in ("thumbnail", "preview", "photo", "my_photo")
    ]
    act(as_user(organizer), hide=photo.pk)
    client = as_user(guest)
    for address in addresses:
        assert pictures[0] not in client.get(address).content.decode()
    assert [client.get(address).status_code for address in pictures] == [404] * 4


def test_the_buttons_of_a_card_hide_and_show(event, organizer, as_user):
    photo, client = make_photo(event), as_user(organizer)
    for deed, expected in [("hide", True), ("show", False)]:
        act(client, **{deed: photo.pk})
        assert hidden(photo) == {photo.pk: expected}


def test_deleting_asks_first_and_takes_everything_along(event, organizer, guest, as_user):
    photos = [make_photo(event) for _ in range(3)]
    for photo in photos[:2]:
        make_scan(photo)
        make_face(photo)
        make_match(guest, photo)
    client = as_user(organizer)
    page = do(client, "remove", photos[:2])
    assert "Delete 2 photos for good?" in page.content.decode()
    assert Photo.objects.count() == 3
    act(client, remove=page.context["ids"])
    assert list(Photo.objects.all()) == [photos[2]]
    left = [model.objects.count() for model in (PhotoScan, Face, FaceMatch)]
    assert left == [0, 0, 0]


def test_deleting_thousands_needs_one_field_and_names_none_of_what_goes_along(
    event, organizer, as_user, settings, django_assert_max_num_queries
):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    photos = [make_photo(event) for _ in range(30)]
    for photo in photos:
        make_face(photo)
    client = as_user(organizer)
    with django_assert_max_num_queries(14):
        page = do(client, "remove", photos[:1], select_across=1)
    assert page.context["count"] == 30
    assert "face 0" not in page.content.decode()
    act(client, remove=page.context["ids"])
    assert not Photo.objects.exists()


def test_one_photo_is_deleted_after_the_same_question(event, organizer, as_user):
    photo = make_photo(event)
    make_face(photo)
    client = as_user(organizer)
    page = client.get(reverse("admin:photos_photo_delete", args=[photo.pk]))
    assert "Delete 1 photo for good?" in page.content.decode()
    assert "face 0" not in page.content.decode()
    act(client, remove=page.context["ids"], next=page.context["back"])
    assert not Photo.objects.exists()


def test_a_form_opened_before_a_photo_was_hidden_does_not_show_it_again(event, organizer, as_user):
    photo, client = make_photo(event), as_user(organizer)
    act(client, hide=photo.pk)
    change = reverse("admin:photos_photo_change", args=[photo.pk])
    client.post(change, {"taken_at_0": "2026-06-06", "taken_at_1": "12:00:00"})
    photo = Photo.objects.get(pk=photo.pk)
    assert photo.hidden
    assert photo.taken_at.astimezone(event.zone).hour == 12


def test_the_page_of_a_failed_photo_says_why_and_tries_again(event, organizer, as_user):
    photo = make_photo(event)
    scan = make_scan(photo, state="failed", failure_code="internal_error")
    client = as_user(organizer)
    page = client.get(reverse("admin:photos_photo_change", args=[photo.pk])).content.decode()
    assert "Something went wrong on our side" in page
    assert 'name="retry"' in page
    act(client, retry=photo.pk)
    scan.refresh_from_db()
    assert scan.state == "queued"
    assert audit.lines(audit.entries(event)[:1])[0].what == "Had failed photos tried again (1)"


def test_what_was_done_to_a_photo_is_read_in_its_events_log(event, organizer, as_user):
    photo = make_photo(event)
    answer = as_user(organizer).get(reverse("admin:photos_photo_history", args=[photo.pk]))
    assert answer.url == reverse("admin:events_event_history", args=[event.pk])


def test_the_events_log_tells_what_was_done_to_how_many(event, organizer, as_user):
    photos, client = [make_photo(event) for _ in range(2)], as_user(organizer)
    act(client, undo=undo_token(do(client, "hide", photos)))
    change = reverse("admin:photos_photo_change", args=[photos[0].pk])
    client.post(change, {"taken_at_0": "2026-06-06", "taken_at_1": "12:00:00"})
    act(client, remove=",".join(str(photo.pk) for photo in photos))
    lines = audit.lines(audit.entries(event)[:4])
    assert [(line.who, line.what) for line in reversed(lines)] == [
        (str(organizer), "Hid photos (2)"),
        (str(organizer), "Showed photos again (2)"),
        (str(organizer), "Changed when a photo was taken"),
        (str(organizer), "Deleted photos (2)"),
    ]


def test_of_other_peoples_photos_nothing_happens(event, rival_organizer, as_user):
    photo = make_photo(event)
    client = as_user(rival_organizer)
    for deed in ("hide", "show", "remove", "retry"):
        assert act(client, **{deed: photo.pk}).status_code == 404
    for action in ("hide", "remove"):
        do(client, action, [photo])
    assert hidden(photo) == {photo.pk: False}


def test_where_one_photographs_and_elsewhere_organizes_only_the_own_are_changed(
    event, rival_organizer, as_user
):
    from events.models import Membership
    from tests.builders import add_member

    add_member(event, rival_organizer, Membership.Role.PHOTOGRAPHER)
    own = make_photo(rival_organizer.memberships.exclude(event=event).get().event)
    seen = make_photo(event)
    do(as_user(rival_organizer), "hide", [own, seen])
    assert hidden(own, seen) == {own.pk: True, seen.pk: False}


@pytest.mark.parametrize(
    "ids", ["", "x", "-1", "0", "1,2,", str(2**63), "9" * 40, "9" * 5000, "1;drop"]
)
def test_ids_that_are_none_are_not_found(event, organizer, as_user, ids):
    client = as_user(organizer)
    assert act(client, hide=ids).status_code == 404
    assert act(client, nothing=ids).status_code == 400


def test_after_a_deed_one_is_back_where_one_was_and_nowhere_else(event, organizer, as_user):
    photo, client = make_photo(event), as_user(organizer)
    here = f"{reverse(LIST)}?hidden__exact=1"
    assert client.post(reverse(ACT), {"hide": photo.pk, "next": here}).url == here
    away = client.post(reverse(ACT), {"show": photo.pk, "next": "https://evil.example/"})
    assert away.url == reverse(LIST)


def test_the_uploader_filter_offers_uploaders_of_own_events_only(
    event, organizer, rival_organizer, as_user
):
    make_photo(event, uploader=organizer)
    make_photo(make_event(), uploader=rival_organizer)
    listed = as_user(organizer).get(reverse(LIST)).content.decode()
    assert f"uploader__id__exact={organizer.pk}" in listed
    assert f"uploader__id__exact={rival_organizer.pk}" not in listed


def test_the_list_asks_the_same_number_of_queries_for_one_photo_and_for_many(
    event, organizer, as_user, django_assert_max_num_queries
):
    for _ in range(20):
        make_scan(make_photo(event, uploader=organizer))
    client = as_user(organizer)
    with django_assert_max_num_queries(16):
        page = client.get(reverse(LIST), {"event__id__exact": event.pk})
    assert page.content.decode().count("desk-photo-frame") == 20
