"""Shifting when photos were taken: in one statement, with matches and galleries, and back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from events import audit
from photos.clocks import shifting
from photos.clocks.shifting import ShiftRefused
from photos.gallery import versions
from photos.models import Camera, ClockShift, GalleryChange, Photo
from tests.builders import NOON, make_event, make_match, make_photo
from tests.locks import advisory_locks

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def camera(event):
    return Camera.objects.create(event=event, make="Canon", model="Canon EOS R5")


@pytest.fixture
def photos(event, camera):
    return [make_photo(event, camera=camera, taken_at=NOON + n * HOUR) for n in range(3)]


def taken(*photos):
    rows = dict(Photo.objects.values_list("pk", "taken_at"))
    return [rows[photo.pk] for photo in photos]


def test_exactly_the_chosen_photos_move_and_their_matches_with_them(
    event, photos, guest, organizer
):
    other = make_photo(event, taken_at=NOON)
    matches = [make_match(guest, photo) for photo in (photos[0], other)]
    done = shifting.shift(event, event.photos.filter(camera__isnull=False), 3600, by=organizer)
    assert taken(*photos, other) == [NOON + n * HOUR for n in (1, 2, 3, 0)]
    for match in matches:
        match.refresh_from_db()
    assert [match.taken_at for match in matches] == [NOON + HOUR, NOON]
    assert done.photo_ids == [photo.pk for photo in photos]


def test_photos_without_a_capture_time_have_no_clock(event, photos, camera, organizer):
    undated = make_photo(event, camera=camera, taken_at=NOON, has_capture_time=False)
    assert [(owner.pk, owner.count) for owner in shifting.cameras(event)] == [(camera.pk, 3)]
    done = shifting.shift(event, event.photos.all(), 3600, by=organizer)
    assert taken(undated) == [NOON]
    assert undated.pk not in done.photo_ids
    late = make_photo(event, camera=camera)
    make_photo(event, camera=camera, has_capture_time=False)
    assert shifting.late(event)[camera.pk].photo_ids == [late.pk]
    with pytest.raises(ShiftRefused, match="no_photos"):
        shifting.shift(event, event.photos.filter(pk=undated.pk), 3600, by=organizer)


def test_the_gallery_has_another_order_and_another_version(event, photos, guest, organizer):
    late = make_photo(event, taken_at=NOON + 2 * HOUR + timedelta(minutes=30))
    make_match(guest, photos[0])
    before = versions.version(event, guest)
    GalleryChange.objects.all().delete()
    shifting.shift(event, event.photos.filter(camera__isnull=False), 3600, by=organizer)
    newest = Photo.objects.in_event(event).visible().newest_first()
    assert list(newest[:2]) == [photos[2], late]
    assert versions.version(event, guest) != before
    # A change for everybody, and one for each guest: not one for each photo.
    assert sorted(GalleryChange.objects.values_list("user_id", flat=True)) == [0, guest.pk]


def test_undoing_takes_back_what_is_still_there_and_only_once(event, photos, organizer):
    first = shifting.shift(event, Photo.objects.in_event(event), 3600, by=organizer)
    shifting.shift(event, Photo.objects.filter(pk=photos[0].pk), 60, by=organizer)
    later = make_photo(event, taken_at=NOON)
    Photo.objects.filter(pk=photos[2].pk).delete()
    assert shifting.undo(event, first.pk, by=organizer) == 2
    assert taken(*photos[:2], later) == [NOON + timedelta(minutes=1), NOON + HOUR, NOON]
    with pytest.raises(ShiftRefused, match="undone_already"):
        shifting.undo(event, first.pk, by=organizer)
    assert taken(photos[1]) == [NOON + HOUR]


def test_neither_photos_nor_shifts_of_another_event_are_touched(event, organizer):
    rival = make_photo(make_event(), taken_at=NOON)
    with pytest.raises(ShiftRefused, match="no_photos"):
        shifting.shift(event, Photo.objects.filter(pk=rival.pk), 3600, by=organizer)
    done = shifting.shift(rival.event, Photo.objects.filter(pk=rival.pk), 3600, by=None)
    with pytest.raises(ShiftRefused, match="undone_already"):
        shifting.undo(event, done.pk, by=organizer)
    assert taken(rival) == [NOON + HOUR]


def test_nobody_is_matched_until_the_new_times_are_committed(event, photos):
    """Whoever writes a match down meanwhile would write the old time."""
    before = advisory_locks()
    shifting.shift(event, Photo.objects.in_event(event), 3600, by=None)
    assert advisory_locks() == before + 1


def test_who_saw_other_times_looks_again(event, photos, organizer):
    seen = shifting.state(event)
    own = Photo.objects.in_event(event)
    done = shifting.shift(event, own, 3600, by=organizer, seen=seen)
    with pytest.raises(ShiftRefused, match="shifted_meanwhile"):
        shifting.shift(event, own, 3600, by=organizer, seen=seen)  # pressed twice
    seen = shifting.state(event)
    shifting.undo(event, done.pk, by=organizer)
    with pytest.raises(ShiftRefused, match="shifted_meanwhile"):
        shifting.shift(event, own, 3600, by=organizer, seen=seen)
    assert taken(photos[0]) == [NOON]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (40 * 365 * 86400, None),
        (51 * 365 * 86400, "amount_too_large"),
        (10**12, "amount_too_large"),
        (-40 * 365 * 86400, "out_of_range"),
    ],
)
def test_no_clock_is_that_wrong(event, photos, seconds, code):
    span = shifting.span_of(Photo.objects.in_event(event))
    assert span
    if code is None:
        assert span.shifted(seconds).first == NOON + timedelta(seconds=seconds)
    else:
        with pytest.raises(ShiftRefused, match=code):
            span.shifted(seconds)


def test_a_camera_that_forgot_its_date_is_brought_back(event, organizer):
    lost = make_photo(event, taken_at=datetime(1980, 1, 1, tzinfo=UTC))
    seconds = int((NOON - lost.taken_at).total_seconds())
    shifting.shift(event, Photo.objects.in_event(event), seconds, by=organizer)
    assert taken(lost) == [NOON]


def test_the_log_says_how_many_and_how_far_and_names_no_camera(event, photos, organizer):
    done = shifting.shift(event, Photo.objects.in_event(event), -5400, by=organizer)
    shifting.undo(event, done.pk, by=organizer)
    lines = [(line.who, line.what) for line in audit.lines(audit.entries(event))]
    amount = "1\N{NO-BREAK SPACE}h 30\N{NO-BREAK SPACE}min earlier"
    assert ("Olga", f"Set the times of photos {amount} (3)") in lines
    assert ("Olga", f"Took back that the times of photos were set {amount} (3)") in lines
    assert "Canon" not in str(lines)


def test_cameras_and_people_are_counted_with_few_queries(
    event, photos, organizer, django_assert_num_queries
):
    own = make_photo(event, uploader=organizer, taken_at=NOON)
    Camera.objects.create(event=event, make="Nikon")  # of photos that are gone
    with django_assert_num_queries(5):
        (camera,), (uploader,) = shifting.cameras(event), shifting.uploaders(event)
    assert (camera.count, camera.first, camera.last) == (3, NOON, NOON + 2 * HOUR)
    assert (camera.picture, camera.of.label) == (photos[0].pk, "Canon EOS R5")
    assert (uploader.of, uploader.count, uploader.picture) == (organizer, 1, own.pk)


@pytest.mark.parametrize(
    ("make", "model", "label"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON Z 6", "NIKON Z 6"),
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("Sony", "", "Sony"),
        ("", "", "Unnamed camera"),
    ],
)
def test_a_camera_is_called_as_people_call_it(make, model, label):
    assert Camera(make=make, model=model).label == label


def test_a_sample_is_spread_from_the_first_to_the_last(event):
    photos = [make_photo(event, taken_at=NOON + n * HOUR) for n in range(11)]
    found = shifting.sample(Photo.objects.in_event(event))
    assert found == [photos[n] for n in (0, 2, 4, 6, 8, 10)]
    assert ClockShift.objects.count() == 0


def later(event, camera):
    return make_photo(event, camera=camera, uploaded_at=timezone.now() + HOUR)


def test_photos_that_came_after_their_camera_was_put_right_are_named(event, camera, photos):
    own = Photo.objects.in_event(event)
    for seconds in (3600, 120):
        shifting.shift(event, own, seconds, by=None)
    assert shifting.late(event) == {}
    came = later(event, camera)
    assert shifting.late(event) == {camera.pk: shifting.Late(3720, [came.pk])}
    shifting.shift(event, own.filter(pk=came.pk), 3720, by=None)
    assert shifting.late(event) == {}


def test_a_camera_of_which_some_photos_were_set_is_not_put_right(event, camera, photos):
    shifting.shift(event, Photo.objects.filter(pk=photos[0].pk), 3600, by=None)
    done = shifting.shift(event, Photo.objects.in_event(event), 60, by=None)
    shifting.undo(event, done.pk, by=None)
    later(event, camera)
    assert shifting.late(event) == {}
