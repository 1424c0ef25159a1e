"""The figures of the desk, and looking again at what failed."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from faces.desk import progress
from faces.finding import progress as scan_progress
from faces.finding import scanning
from faces.models import FaceMatch, PhotoScan
from findme import refusals
from findme.refusals import words_of
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import make_event, make_match, make_photo, make_scan
from tests.fakes import picture

pytestmark = pytest.mark.django_db

LIST = "admin:photos_photo_changelist"


def fail(event, code="truncated", *, status=Photo.Status.FAILED):
    failure = code if status == Photo.Status.FAILED else ""
    photo = make_photo(event, status=status, failure_code=failure)
    make_scan(photo, state="failed", failure_code=code, attempts=3)
    return photo


def finish(event, *, seconds_ago, faces=0):
    at = timezone.now() - timedelta(seconds=seconds_ago)
    return make_scan(make_photo(event), state="done", finished_at=at, face_count=faces)


def test_the_figures_are_those_of_the_event(event, guest, other_guest):
    photos = [finish(event, seconds_ago=500, faces=n).photo for n in (2, 3)]
    fail(event)
    fail(event)
    fail(event, "internal_error", status=Photo.Status.READY)
    make_scan(make_photo(event))
    for photo in photos:
        make_match(guest, photo)
    make_match(other_guest, photos[0], verdict=FaceMatch.Verdict.NOT_ME)
    finish(make_event(), seconds_ago=1, faces=9)
    found = progress.of_event(event)
    assert (found.total, found.seen, found.failed, found.waiting) == (6, 2, 3, 1)
    assert (found.faces, found.matches, found.guests_found) == (5, 2, 1)
    assert [(reason.code, reason.count) for reason in found.reasons] == [
        ("truncated", 2),
        ("internal_error", 1),
    ]


def test_the_pace_is_that_of_the_work_under_way(event):
    for seconds in (60, 61, 62):  # before the pause
        finish(event, seconds_ago=seconds)
    make_scan(make_photo(event))
    assert progress.of_event(event).per_minute is None
    for seconds in (1, 5, 9, 13):
        finish(event, seconds_ago=seconds)
    found = progress.of_event(event)
    assert found.per_minute == pytest.approx(12, rel=0.05)  # 4 in 20 seconds
    assert not found.is_complete
    assert found.minutes_left == 1


def test_an_event_is_complete_when_no_photo_waits_whatever_came_of_them(event):
    scan = make_scan(make_photo(event))
    fail(event)
    make_scan(make_photo(make_event()))
    for state, complete in [("queued", False), ("running", False), ("done", True)]:
        claimed = {"attempt_id": uuid4(), "claimed_at": timezone.now()}
        PhotoScan.objects.filter(pk=scan.pk).update(state=state, **claimed)
        assert scan_progress.of_event(event).is_complete is complete


def test_an_event_without_photos_has_figures_too(event):
    found = progress.of_event(event)
    assert (found.total, found.waiting, found.per_minute, found.minutes_left) == (
        0,
        0,
        None,
        None,
    )


def test_the_fragment_tells_progress_and_reasons(event, organizer, as_user):
    finish(event, seconds_ago=1)
    fail(event)
    address = reverse("admin:photos_photo_progress", args=[event.pk])
    fragment = as_user(organizer).get(address).content.decode()
    assert "The end of this picture is missing" in fragment
    assert f'hx-get="{address}"' in fragment
    assert "<html" not in fragment


def test_the_fragment_is_made_anew_where_it_would_look_another(event, organizer, as_user):
    finish(event, seconds_ago=1)
    client, address = as_user(organizer), reverse("admin:photos_photo_progress", args=[event.pk])
    known = {"if-none-match": client.get(address)["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    fail(event)
    assert client.get(address, headers=known).status_code == 200


@pytest.mark.parametrize("code", [*refusals.INDEX, "of_an_old_row"])
def test_organizers_read_words_and_never_a_code(event, organizer, as_user, code):
    fail(event, code, status=Photo.Status.READY)
    progress_list = reverse("admin:photos_photo_progress", args=[event.pk])
    photo_list = reverse(LIST) + f"?event__id__exact={event.pk}"
    for address in (progress_list, photo_list):
        page = as_user(organizer).get(address).content.decode()
        assert refusals.words_of(code) in page
        assert code not in page


def test_a_retried_photo_is_prepared_and_looked_at_like_a_new_one(event):
    photo = ingest(event=event, data=picture([1]), name="a.jpg", uploader=None).photo
    Photo.objects.update(status=Photo.Status.FAILED, failure_code="internal_error")
    PhotoScan.objects.update(state="failed", failure_code="internal_error", attempts=3)
    OrmQ.objects.all().delete()
    assert scanning.retry_failed(Photo.objects.all()) == 1
    assert OrmQ.objects.count() == 1
    photo.refresh_from_db()
    assert (photo.status, photo.failure_code) == (Photo.Status.PROCESSING, "")
    scan = photo.scans.get()
    scanning.run(scan.pk)
    photo.refresh_from_db()
    scan.refresh_from_db()
    assert (photo.status, scan.state, scan.face_count) == (Photo.Status.READY, "done", 1)


def test_retrying_leaves_alone_what_did_not_fail_or_was_not_meant(event):
    done, meant, other = finish(event, seconds_ago=1), fail(event), fail(event)
    assert scanning.retry_failed(Photo.objects.filter(pk__in=[done.photo_id, meant.pk])) == 1
    states = dict(PhotoScan.objects.values_list("photo", "state"))
    assert states == {done.photo_id: "done", meant.pk: "queued", other.pk: "failed"}
    assert scanning.retry_failed(Photo.objects.filter(pk=meant.pk)) == 0


def test_the_desk_retries_by_button_and_in_bulk(event, organizer, as_user):
    one, two = fail(event), fail(event, status=Photo.Status.READY)
    client = as_user(organizer)
    client.post(reverse("admin:photos_photo_act"), {"retry": one.pk})
    data = {"action": "retry", "_selected_action": [one.pk, two.pk]}
    page = client.post(reverse(LIST), data, follow=True).content.decode()
    assert "1 photo is tried again." in page
    assert set(PhotoScan.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.parametrize("value", ["some", "none", "waiting", "failed"])
def test_the_list_is_filtered_by_what_looking_came_to(event, organizer, as_user, value):
    photos = {
        "some": finish(event, seconds_ago=1, faces=2).photo,
        "none": finish(event, seconds_ago=1).photo,
        "waiting": make_scan(make_photo(event)).photo,
        "failed": fail(event),
    }
    page = as_user(organizer).get(reverse(LIST), {"faces": value})
    assert list(page.context["cl"].result_list) == [photos[value]]


def run(*arguments):
    out = io.StringIO()
    call_command("retry_failed", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_retries_one_event_or_all_and_may_be_repeated(event):
    fail(event)
    fail(make_event())
    why = f"1 failed: {words_of('truncated')} (truncated)\n"
    assert run(event.slug, "--dry-run") == why
    assert run(event.slug) == f"{why}1 queued again\n"
    assert run() == f"{why}1 queued again\n"
    assert run() == "No photo has failed.\n"


def test_the_command_retries_one_code_only_and_knows_its_events(event):
    fail(event, "internal_error")
    fail(event, "truncated")
    assert run("--code", "internal_error").endswith("1 queued again\n")
    with pytest.raises(CommandError, match="no event"):
        run("nowhere")
