"""When storing fails: the organizer gets the reason, what was accepted is safe, nothing is half."""

import socket
import threading
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from events.models import Event
from faces.finding import enrolling, scanning
from faces.models import PhotoScan, Selfie
from findme.refusals import WORDS, words_of
from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store import reading
from photos.store.faults import StoreUnavailable
from tests.builders import agreeing, consent
from tests.fakes import picture
from tests.s3.gate import Refused

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


@pytest.fixture
def desk(bucket_name, event, organizer, as_user):
    """Uploads on the organizer's page; what it answers for the file."""

    def upload(data):
        file = SimpleUploadedFile("a.jpg", data, "image/jpeg")
        address = reverse("admin:photos_photo_upload", args=[event.pk])
        page = as_user(organizer).post(address, {"photos": [file]})
        assert page.status_code == 200
        return page.context["summary"]

    return upload


def refusing(status, code):
    def refuse(request):
        raise Refused(status, code)

    return refuse


@pytest.mark.parametrize(
    ("status", "theirs", "code"),
    [
        ("403 Forbidden", "AccessDenied", "store_denied"),
        ("400 Bad Request", "ExpiredToken", "store_denied"),
        ("403 Forbidden", "InvalidAccessKeyId", "store_denied"),
        ("404 Not Found", "NoSuchBucket", "store_missing"),
        ("503 Slow Down", "SlowDown", "store_busy"),
        ("500 Internal Server Error", "InternalError", "store_busy"),
        ("507 Insufficient Storage", "XMinioStorageFull", "store_full"),
        ("400 Bad Request", "SomethingNew", "store_refused"),
    ],
)
def test_the_organizer_gets_the_reason_and_nothing_is_half_there(
    desk, gate, caplog, status, theirs, code
):
    gate.bad_day = refusing(status, theirs)
    (refused,) = desk(picture([1])).refused
    assert (refused["code"], refused["reason"]) == (code, words_of(code))
    assert not Photo.objects.exists()
    assert f"photo_not_stored code={code}" in caplog.text
    gate.bad_day = lambda request: None
    assert desk(picture([1])).accepted == ["a.jpg"]


def test_the_pages_script_gets_the_reason_too(bucket_name, gate, event, organizer, as_user):
    gate.bad_day = refusing("403 Forbidden", "ExpiredToken")
    address = reverse("admin:photos_photo_receive", args=[event.pk])
    answer = as_user(organizer).post(
        address, picture([1]), "application/octet-stream", headers={"X-File-Name": "a.jpg"}
    )
    assert answer.status_code == 503
    reason = words_of("store_denied")
    assert answer.json() == {"code": "store_denied", "reason": reason}


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"bucket_name": "no-such-bucket"}, "store_missing"),
        ({"access_key": "nobody"}, "store_denied"),
        ({"secret_key": "wrong"}, "store_denied"),
        ({"region_name": "us-west-2"}, "store_region"),
    ],
)
def test_wrong_settings_are_told_apart(desk, options, use_bucket, overrides, code):
    use_bucket(**options | overrides)
    assert desk(picture([1])).refused[0]["code"] == code


def test_an_endpoint_where_nobody_listens(desk, options, use_bucket):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        use_bucket(**options | {"endpoint_url": f"http://127.0.0.1:{free.getsockname()[1]}"})
        assert desk(picture([1])).refused[0]["code"] == "store_unreachable"


def test_an_endpoint_that_hangs_up(desk, options, use_bucket):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=hang_up, args=[server], daemon=True).start()
        use_bucket(**options | {"endpoint_url": f"http://127.0.0.1:{port}"})
        assert desk(picture([1])).refused[0]["code"] == "store_unreachable"


def hang_up(server):
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


def test_a_service_that_is_slow_but_answers_is_no_trouble(desk, gate):
    gate.bad_day = lambda request: time.sleep(0.5)
    assert desk(picture([1])).accepted == ["a.jpg"]


def test_a_short_throttle_is_waited_out(desk, gate):
    calls = []

    def once(request):
        calls.append(request)
        if len(calls) == 1:
            raise Refused("503 Slow Down", "SlowDown")

    gate.bad_day = once
    assert desk(picture([1])).accepted == ["a.jpg"]
    assert len(calls) == 2


def test_photos_accepted_before_are_safe(desk, gate, event, guest, as_user):
    desk(picture([1]))
    scanning.run(PhotoScan.objects.get().pk)
    gate.bad_day = refusing("403 Forbidden", "ExpiredToken")
    desk(picture([2]))
    page = as_user(guest).get(reverse("general", args=[event.slug]))
    assert page.context["photo_count"] == 1
    gate.bad_day = lambda request: None
    assert reading.read(Photo, Photo.objects.get().pk, "original") == picture([1])


def test_a_database_that_is_full_is_told_too(desk, settings):
    """PostgreSQL's own error, raised where it would be."""
    settings.MEDIA_STORE = "database"
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$;"
            "CREATE TRIGGER full_disk BEFORE INSERT ON photos_photo"
            " FOR EACH ROW EXECUTE FUNCTION pg_temp.full()"
        )
    assert desk(picture([1])).refused[0]["code"] == "store_full"


def test_a_scan_waits_for_a_bucket_that_is_away_and_costs_no_attempt(desk, gate):
    desk(picture([1]))
    gate.bad_day = refusing("503 Slow Down", "SlowDown")
    scanning.run(PhotoScan.objects.get().pk)
    scan = PhotoScan.objects.get()
    assert (scan.state, scan.attempts, scan.photo.status) == ("queued", 0, "processing")


def test_an_original_deleted_behind_our_back_ends_its_scan_with_the_reason(desk, s3, bucket_name):
    desk(picture([1]))
    photo = Photo.objects.get()
    s3.delete_object(Bucket=bucket_name, Key=f"our site/{photo.folder}/original")
    scanning.run(PhotoScan.objects.get().pk)
    photo.refresh_from_db()
    assert (photo.status, photo.failure_code) == ("failed", "original_missing")
    assert str(WORDS["original_missing"])


def test_an_original_deleted_behind_our_back_is_not_found_and_logged(
    desk, s3, bucket_name, event, guest, as_user, caplog
):
    desk(picture([1]))
    scanning.run(PhotoScan.objects.get().pk)
    Event.objects.update(downloads=Event.Downloads.ORIGINAL)
    photo = Photo.objects.get()
    s3.delete_object(Bucket=bucket_name, Key=f"our site/{photo.folder}/original")
    answer = as_user(guest).get(reverse("download", args=[event.slug, photo.pk]))
    assert answer.status_code == 404
    assert "picture_missing" in caplog.text


def test_a_guest_is_asked_to_try_again_while_the_bucket_is_away(desk, gate, event, guest, as_user):
    desk(picture([1]))
    scanning.run(PhotoScan.objects.get().pk)
    Event.objects.update(downloads=Event.Downloads.ORIGINAL)
    gate.bad_day = refusing("503 Slow Down", "SlowDown")
    answer = as_user(guest).get(reverse("download", args=[event.slug, Photo.objects.get().pk]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "no-store" in answer["Cache-Control"]


def test_a_guests_selfie_is_not_half_taken(bucket_name, gate, event, guest, as_user):
    gate.bad_day = refusing("503 Slow Down", "SlowDown")
    image = SimpleUploadedFile("me.jpg", picture([1]), "image/jpeg")
    address = reverse("selfie", args=[event.slug])
    answer = as_user(guest).post(address, {"image": image, **agreeing(event)})
    assert answer.status_code == 422
    assert words_of("store_busy") in answer.content.decode()
    assert not Selfie.objects.exists()


def test_enrolling_is_tried_again_when_the_bucket_is_back(bucket_name, gate, event, guest):
    consent(guest, event)
    enrolling.add_selfie(user=guest, data=picture([1]))
    gate.bad_day = refusing("503 Slow Down", "SlowDown")
    with pytest.raises(StoreUnavailable):
        enrolling.enroll_event(event.pk)
    gate.bad_day = lambda request: None
    assert enrolling.enroll_event(event.pk) == 1


def test_importing_stops_with_the_reason(bucket_name, gate, event, tmp_path):
    for seed in range(2):
        (tmp_path / f"{seed}.jpg").write_bytes(picture([1], seed=seed))
    gate.bad_day = refusing("403 Forbidden", "ExpiredToken")
    with pytest.raises(CommandError, match=r"0 accepted.*expired.*store_denied"):
        call_command("import_photos", event.slug, str(tmp_path), verbosity=0)


def test_another_error_is_not_taken_for_a_bad_day(bucket_name, event, monkeypatch):
    def broken(**kwargs):
        raise RuntimeError

    monkeypatch.setattr("photos.intake.ingest.photo_accepted.send", broken)
    with pytest.raises(RuntimeError):
        ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    assert not Photo.objects.exists()
