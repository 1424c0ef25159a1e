"""The desk's pages of clocks: what is asked, shown first, done, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from photos.models import Camera, ClockShift, Photo
from tests.builders import NOON, add_member, make_event, make_photo, make_user
from tests.photos.desk.pages import act_on, undo_token

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def event(event):
    event.time_zone = "Europe/Paris"  # 12:00 UTC is 14:00 there
    event.save()
    return event


@pytest.fixture
def camera(event):
    return Camera.objects.create(event=event, make="Canon", model="EOS R5", serial="SN4711")


@pytest.fixture
def photos(event, camera):
    return [make_photo(event, camera=camera, taken_at=NOON + n * HOUR) for n in range(3)]


@pytest.fixture
def clocks(event):
    return reverse("admin:events_event_clocks", args=[event.pk])


@pytest.fixture
def change(event):
    return reverse("admin:events_event_clock", args=[event.pk])


def text(answer):
    return " ".join(answer.content.decode().split())


def taken(*photos):
    rows = dict(Photo.objects.values_list("pk", "taken_at"))
    return [rows[photo.pk] for photo in photos]


def at(moment, **fields):
    """What the form sends that knows when a photo was taken."""
    day, _, time = moment.partition(" ")
    return {"moment_0": day, "moment_1": time, **fields}


def seen(page):
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_only_organizers_of_the_event_come_there(
    clocks, change, camera, photos, event, as_user, guest, rival_organizer
):
    photographer = make_user("Pia", is_staff=True)
    add_member(event, photographer, "photographer")
    fields = {"camera": camera.pk, "shift": 3600, "seen": "0.0"}
    for user in (rival_organizer, photographer):
        client = as_user(user)
        assert client.get(clocks).status_code == client.get(change).status_code == 404
        assert client.post(change, fields).status_code == 404
    assert as_user(guest).post(change, fields).status_code == 302  # to log in
    assert taken(photos[0]) == [NOON]


def test_a_camera_is_shifted_after_a_look_and_taken_back(
    clocks, change, camera, photos, organizer, as_user
):
    client = as_user(organizer)
    page = text(client.get(clocks))
    for words in ("Canon EOS R5", "Serial number SN4711", "3 photos", "20 June 2026, 14:00"):
        assert words in page
    fields = {"camera": camera.pk, "hours": 1, "direction": "behind"}
    page = text(client.post(change, fields))
    assert "14:00 becomes <strong>15:00</strong>" in page
    assert "They will then lie between 20 June 2026, 15:00 and 20 June 2026, 17:00." in page
    assert taken(*photos) == [NOON, NOON + HOUR, NOON + 2 * HOUR]
    answer = client.post(
        change, {"camera": camera.pk, "shift": 3600, "seen": seen(page)}, follow=True
    )
    assert "3 photos are set 1 h later." in text(answer)
    assert taken(*photos) == [NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR]
    answer = client.post(clocks, {"undo": undo_token(answer)}, follow=True)
    assert "3 photos have their times of before." in text(answer)
    assert "taken back" in text(answer)
    assert taken(*photos) == [NOON, NOON + HOUR, NOON + 2 * HOUR]


def test_one_photos_right_time_says_how_far_the_clock_was_off(
    change, camera, photos, organizer, as_user
):
    fields = {
        "camera": camera.pk,
        "photo": photos[1].pk,
        "moment_0": "2026-06-20",
        "moment_1": "14:02:30",
    }
    page = text(as_user(organizer).post(change, fields))
    assert "15:00:00 becomes <strong>14:02:30</strong>" in page
    assert 'name="shift" value="-3450"' in page


def test_the_day_is_said_where_it_changes(change, camera, photos, organizer, as_user):
    fields = {"camera": camera.pk, "hours": 12, "direction": "behind"}
    page = text(as_user(organizer).post(change, fields))
    assert "20 Jun 2026, 14:00 becomes <strong>21 Jun 2026, 02:00</strong>" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"direction": "behind"}, "Please say how far the clock was off"),
        ({"hours": 0, "minutes": 0, "direction": "ahead"}, "Please say how far the clock was off"),
        ({"hours": -1, "direction": "behind"}, "greater than or equal to 0"),
        ({"hours": "x", "direction": "behind"}, "Enter a whole number"),
        ({"days": 30_000, "direction": "behind"}, "more than 50 years"),
        ({"days": 14_000, "direction": "ahead"}, "outside the years 1990 to 2100"),
        ({"hours": 1, "direction": "sideways"}, "Select a valid choice"),
        (
            at("2026-06-20 14:00", photo=""),
            "Please choose one of the photos.",
        ),
        (
            at("2026-06-20 14:00", photo="999999999999999999999"),
            "Please choose one",
        ),
        (at("yesterday 14:00", photo="own"), "Please give a date such as 15.11.2026."),
        (
            at("2026-06-20 14:00", photo="own"),
            "the time the photo has already",
        ),
        (
            at("1985-06-20 14:00", photo="own"),
            "Please give a year from 1990",
        ),
        (
            at("2026-03-29 02:30", photo="own"),
            "That hour does not exist on that night",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    change, camera, photos, organizer, as_user, fields, words
):
    if fields.get("photo") == "own":
        fields = fields | {"photo": photos[0].pk}
    answer = as_user(organizer).post(change, {"camera": camera.pk} | fields)
    assert (answer.status_code, words in text(answer)) == (422, True)
    assert taken(photos[0]) == [NOON]


def test_a_photo_of_another_camera_is_no_choice(change, camera, photos, organizer, as_user):
    other = make_photo(camera.event)
    fields = at("2026-06-20 14:00", camera=camera.pk, photo=other.pk)
    assert as_user(organizer).post(change, fields).status_code == 422


def test_a_button_pressed_twice_shifts_once(change, camera, photos, organizer, as_user):
    client = as_user(organizer)
    fields = {"camera": camera.pk, "shift": 3600, "seen": "0.0"}
    assert client.post(change, fields).status_code == 302
    again = client.post(change, fields)
    assert (again.status_code, "Times were changed since you looked." in text(again)) == (422, True)
    assert taken(photos[0]) == [NOON + HOUR]


@pytest.mark.parametrize("shift", ["", "0", "x", "-", "99999999999999", "1.5"])
def test_a_shift_that_no_button_of_ours_says_is_refused(
    change, camera, photos, organizer, as_user, shift
):
    fields = {"camera": camera.pk, "shift": shift, "seen": "0.0"}
    assert as_user(organizer).post(change, fields).status_code == 400
    assert not ClockShift.objects.exists()


@pytest.mark.parametrize(
    "query", ["?late=1", "?camera=0", "?camera=x", "?uploader=1,2", "?photos=,", "?photos=0"]
)
def test_what_names_no_photos_is_not_found(change, organizer, as_user, query):
    assert as_user(organizer).get(change + query).status_code == 404


def test_a_camera_of_another_event_is_not_found(change, organizer, as_user):
    rival = Camera.objects.create(event=make_event(), model="X")
    make_photo(rival.event, camera=rival)
    assert as_user(organizer).get(f"{change}?camera={rival.pk}").status_code == 404


def test_chosen_photos_are_shifted_as_well(change, photos, organizer, as_user):
    client = as_user(organizer)
    page = text(act_on(client, "change_time", photos[:2]))
    ids = ",".join(str(photo.pk) for photo in photos[:2])
    assert f'name="photos" value="{ids}"' in page
    assert "taken between 20 June 2026, 14:00 and 20 June 2026, 15:00" in page
    client.post(change, {"photos": ids, "shift": 60, "seen": "0.0"})
    assert taken(*photos) == [NOON + timedelta(minutes=1), NOON + HOUR * 61 / 60, NOON + 2 * HOUR]


def test_chosen_photos_without_a_capture_time_are_left_out(photos, organizer, as_user):
    client, (first, second, _third) = as_user(organizer), photos
    Photo.objects.filter(pk=first.pk).update(has_capture_time=False)
    assert f'name="photos" value="{second.pk}"' in text(
        act_on(client, "change_time", [first, second])
    )
    answer = act_on(client, "change_time", [first])
    assert "The files of these photos do not say when they were taken." in text(answer)


def test_photos_of_two_events_are_not_shifted_together(photos, organizer, as_user):
    other = make_event()
    add_member(other, organizer, "organizer")
    answer = act_on(as_user(organizer), "change_time", [photos[0], make_photo(other)])
    assert "Please choose photos of one event only." in text(answer)


def test_a_photographers_photos_are_shifted_together(change, event, organizer, as_user):
    photo = make_photo(event, uploader=organizer, taken_at=NOON)
    as_user(organizer).post(change, {"uploader": organizer.pk, "shift": -60, "seen": "0.0"})
    assert taken(photo) == [NOON - timedelta(minutes=1)]


def test_undoing_twice_is_said(clocks, change, camera, photos, organizer, as_user):
    client = as_user(organizer)
    client.post(change, {"camera": camera.pk, "shift": 3600, "seen": "0.0"})
    shift = ClockShift.objects.get()
    client.post(clocks, {"undo": shift.pk})
    again = client.post(clocks, {"undo": shift.pk}, follow=True)
    assert "That was taken back already." in text(again)
    assert client.post(clocks, {"undo": "x"}).status_code == 400
    assert taken(photos[0]) == [NOON]


def test_the_page_asks_the_same_number_of_queries_for_one_and_for_many(
    clocks, event, organizer, as_user, django_assert_max_num_queries
):
    for n in range(5):
        camera = Camera.objects.create(event=event, model=f"M{n}")
        make_photo(event, camera=camera, uploader=make_user())
        ClockShift.objects.create(event=event, user=organizer, seconds=5, photo_ids=[1])
    client = as_user(organizer)
    with django_assert_max_num_queries(25):
        page = text(client.get(clocks))
    assert page.count("Change the time…</a>") == 10


def test_photos_that_came_late_are_offered_to_be_set_too(
    clocks, change, camera, photos, event, organizer, as_user
):
    client = as_user(organizer)
    client.post(change, {"camera": camera.pk, "shift": 3600, "seen": "0.0"})
    at = timezone.now() + HOUR
    came = make_photo(event, camera=camera, taken_at=NOON, uploaded_at=at)
    page = text(client.get(clocks))
    assert "1 photo of this camera came after the others were set 1 h later." in page
    query = f"?late={camera.pk}&amp;seconds=3600"
    assert query in page
    assert "1 photo, taken on" in text(client.get(change + query.replace("&amp;", "&")))
    seen = f"{ClockShift.objects.get().pk}.0"
    client.post(change, {"late": camera.pk, "shift": 3600, "seen": seen})
    assert taken(came, photos[0]) == [NOON + HOUR] * 2


def test_the_page_of_a_photo_leads_to_its_cameras_clock(change, camera, event, organizer, as_user):
    many = [make_photo(event, camera=camera, taken_at=NOON + n * HOUR) for n in range(30)]
    client = as_user(organizer)
    page = text(client.get(reverse("admin:photos_photo_change", args=[many[28].pk])))
    query = f"?camera={camera.pk}&amp;photo={many[28].pk}"
    assert change + query in page
    page = text(client.get(change + query.replace("&amp;", "&")))
    assert f'value="{many[28].pk}" checked' in page


def test_refusals_are_in_the_organizers_language(change, camera, photos, organizer, as_user):
    client = as_user(organizer)
    client.cookies["django_language"] = "fr"
    fields = at("2026-06-20 14:00", camera=camera.pk, photo="")
    answer = client.post(change, fields, headers={"accept-language": "fr"})
    assert "Choisissez l’une des photos." in text(answer)


def test_what_is_wrong_is_said_within_its_field(change, camera, photos, organizer, as_user):
    fields = {"camera": camera.pk, "days": 99_999_999, "hours": -5, "direction": "behind"}
    page = text(as_user(organizer).post(change, fields))
    for name, limit in (("days", "less than"), ("hours", "greater than")):
        field = page.partition(f'id="id_{name}"')[2].partition("</div>")[0]
        assert f'id="id_{name}_error"' in field
        assert limit in field


def test_the_zone_of_the_times_is_named_where_the_event_has_none_of_its_own(
    change, camera, photos, event, organizer, as_user
):
    type(event).objects.update(time_zone="")
    event.refresh_from_db()
    page = text(as_user(organizer).get(change, {"camera": camera.pk}))
    assert event.zone.key
    assert f"Times are those of {event.zone.key}." in page


def test_late_photos_that_a_colleague_has_shifted_lead_back_to_the_clocks(
    photos, camera, change, clocks, organizer, rival_organizer, as_user
):
    late = {"late": camera.pk, "seconds": 3600}
    page = as_user(organizer).get(change, late, follow=True)
    assert page.redirect_chain == [(clocks, 302)]
    assert "That is not there any more." in text(page)
    assert as_user(rival_organizer).get(change, late).status_code == 404


def test_a_shift_over_the_night_when_clocks_change_is_of_hours_that_pass(
    change, camera, event, organizer, as_user
):
    """From 01:00 to 04:00 in Paris that night four hours pass."""
    photo = make_photo(event, camera=camera, taken_at=datetime(2026, 10, 24, 23, tzinfo=UTC))
    fields = at("2026-10-25 04:00", camera=camera.pk, photo=photo.pk)
    assert 'name="shift" value="14400"' in text(as_user(organizer).post(change, fields))
