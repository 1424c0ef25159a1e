"""The work of a scan: claimed once, published once, lost never."""

import io

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from events.models import Event
from faces.errors import IndexUnavailable
from faces.finding import scanning
from faces.index.local import LocalIndex
from faces.models import Face, FaceMatch, PhotoScan
from findme import sweeps
from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store import reading
from tests.builders import consent, make_photo, make_scan, make_selfie
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(event):
    def upload(people, seed=0):
        taken = ingest(event=event, data=picture(people, seed=seed), name="a.jpg", uploader=None)
        return taken.photo, PhotoScan.objects.get(photo=taken.photo)

    return upload


@pytest.fixture
def enrolled(event, guest):
    """The guest is person 1, and enrolled."""
    from faces.finding import enrolling

    consent(guest, event)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    return guest


def test_a_scan_makes_the_photo_ready_and_stores_its_faces(upload):
    photo, scan = upload([1, 2])
    scanning.run(scan.pk)
    photo.refresh_from_db()
    scan.refresh_from_db()
    assert (photo.status, scan.state, scan.face_count) == ("ready", "done", 2)
    assert photo.blurhash
    assert reading.read(Photo, photo.pk, "thumbnail")[:4] == b"RIFF"


def test_a_heic_photo_becomes_a_webp_for_the_galleries(event):
    out = io.BytesIO()
    Image.open(io.BytesIO(picture([1]))).save(out, "HEIF", quality=90)
    photo = ingest(event=event, data=out.getvalue(), name="a.heic", uploader=None).photo
    scan = PhotoScan.objects.get()
    scanning.run(scan.pk)
    photo.refresh_from_db()
    scan.refresh_from_db()
    assert (photo.content_type, photo.status, scan.face_count) == ("image/heic", "ready", 1)
    assert reading.read(Photo, photo.pk, "thumbnail")[:4] == b"RIFF"


def test_a_scan_matches_only_the_guests_in_the_photo(upload, enrolled):
    _, scan = upload([1, 2])
    _, other = upload([3], seed=1)
    scanning.run(scan.pk)
    scanning.run(other.pk)
    assert list(FaceMatch.objects.values_list("user", "photo")) == [(enrolled.pk, scan.photo_id)]


def test_a_scan_runs_once_however_often_its_job_does(upload, monkeypatch):
    _, scan = upload([1])
    looks = []
    monkeypatch.setattr(LocalIndex, "scan", lambda self, *photo: looks.append(1) or [])
    scanning.run(scan.pk)
    scanning.run(scan.pk)
    assert looks == [1]


def test_a_late_worker_does_not_overwrite_its_successor(upload, monkeypatch):
    _, scan = upload([1])

    def slow_scan(self, *photo):
        """Meanwhile the claim went stale, and another worker took it and finished."""
        PhotoScan.objects.filter(pk=scan.pk).update(
            state=PhotoScan.State.DONE, attempt_id=None, face_count=7
        )
        return []

    monkeypatch.setattr(LocalIndex, "scan", slow_scan)
    scanning.run(scan.pk)
    scan.refresh_from_db()
    assert scan.face_count == 7


def test_a_photo_removed_while_its_job_runs_is_no_error(upload, monkeypatch):
    _, scan = upload([1])
    monkeypatch.setattr(
        LocalIndex, "scan", lambda self, *photo: Photo.objects.all().delete() and []
    )
    scanning.run(scan.pk)
    assert not PhotoScan.objects.exists()
    assert not Face.objects.exists()


def test_a_damaged_photo_ends_failed_with_its_code(event):
    photo = make_photo(event, status=Photo.Status.PROCESSING, original=picture([1])[:300])
    scan = make_scan(photo)
    scanning.run(scan.pk)
    photo.refresh_from_db()
    scan.refresh_from_db()
    assert (photo.status, photo.failure_code) == ("failed", "truncated")
    assert (scan.state, scan.failure_code) == ("failed", "truncated")


def test_an_index_that_is_away_is_asked_later_and_costs_no_attempt(upload, monkeypatch):
    photo, scan = upload([1])

    def away(self, *photo):
        raise IndexUnavailable

    monkeypatch.setattr(LocalIndex, "scan", away)
    scanning.run(scan.pk)
    scan.refresh_from_db()
    photo.refresh_from_db()
    assert (scan.state, scan.attempts) == ("queued", 0)
    assert scan.available_at > timezone.now()
    assert photo.status == "ready"  # the gallery need not wait for recognition


def test_an_unexpected_error_is_raised_and_the_scan_ends_after_three_attempts(upload, monkeypatch):
    _, scan = upload([1])

    def broken(self, *photo):
        raise RuntimeError("a bug")

    monkeypatch.setattr(LocalIndex, "scan", broken)
    for _ in range(3):
        PhotoScan.objects.update(available_at=timezone.now())
        with pytest.raises(RuntimeError):
            scanning.run(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.failure_code) == ("failed", "internal_error")


def test_the_sweep_leaves_work_alone_that_has_its_job(upload):
    upload([1])
    before = OrmQ.objects.count()
    sweeps.run()
    assert OrmQ.objects.count() == before


def test_where_only_guests_are_looked_for_no_template_of_a_stranger_is_kept(
    upload, event, enrolled
):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    _, scan = upload([1, 2])
    scanning.run(scan.pk)
    kept = Face.objects.filter(template__isnull=False).values_list("matches__user", flat=True)
    assert list(kept) == [enrolled.pk]
    assert Face.objects.count() == 2
