"""Selfies in, and each enrolled once."""

import threading

import pytest
from django.db import connection
from django_q.models import OrmQ

from events.models import Event
from faces.errors import UnusableSelfie
from faces.finding import enrolling, scanning
from faces.guest import why_not
from faces.index.local import LocalIndex
from faces.models import Enrollment, FaceMatch, PhotoScan, Selfie
from faces.privacy import withdrawal
from faces.vision import selfie_check
from faces.vision.boxes import Box
from faces.vision.selfie_check import SeveralFaces
from findme.refusals import WORDS
from photos.imaging import images
from photos.intake.ingest import ingest
from tests.builders import add_member, consent, make_event, make_selfie
from tests.fakes import FakeEngine, picture
from tests.workers import run_jobs


@pytest.fixture
def scanned(event):
    """Two photos: person 1 with 2, and person 2 alone."""
    photos = []
    for seed, people in enumerate([[1, 2], [2]]):
        photo = ingest(
            event=event, data=picture(people, seed=seed), name="a.jpg", uploader=None
        ).photo
        scanning.run(PhotoScan.objects.get(photo=photo).pk)
        photos.append(photo)
    return photos


@pytest.mark.django_db
def test_a_selfie_finds_the_photos_that_are_already_there(event, guest, scanned):
    consent(guest, event)
    enrolling.add_selfie(user=guest, data=picture([1]))
    enrolling.enroll_event(event.pk)
    assert list(FaceMatch.objects.values_list("photo", flat=True)) == [scanned[0].pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("people", "code"), [([], "no_face"), ([1, 2], "face_too_small"), ([1], "face_too_small")]
)
def test_a_selfie_without_a_usable_face_is_refused(guest, people, code, caplog):
    caplog.set_level("INFO")
    side = 40 if code == "face_too_small" else 100
    with pytest.raises(UnusableSelfie) as refused:
        enrolling.add_selfie(user=guest, data=picture(people, side=side))
    assert refused.value.code == code
    assert f"selfie_refused code={code}" in caplog.text
    assert not Selfie.objects.exists()


@pytest.mark.django_db
def test_a_template_is_made_where_a_selfie_is_enrolled_and_nowhere_else(event, guest, monkeypatch):
    made = []
    describe = FakeEngine.describe
    monkeypatch.setattr(FakeEngine, "describe", lambda *args: made.append(args) or describe(*args))
    consent(guest, event)
    enrolling.check(picture([1]))
    selfie = enrolling.add_selfie(user=guest, data=picture([1]))
    why_not.check_again(selfie)
    assert made == []
    enrolling.enroll_event(event.pk)
    assert len(made) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("data", "code"), [(b"", "empty"), (b"<svg/>", "not_an_image")])
def test_a_file_that_is_no_picture_is_refused(guest, data, code):
    with pytest.raises(UnusableSelfie) as refused:
        enrolling.add_selfie(user=guest, data=data)
    assert refused.value.code == code
    assert str(WORDS[code])


@pytest.mark.django_db
def test_the_same_picture_again_is_the_same_selfie(guest):
    first = enrolling.add_selfie(user=guest, data=picture([1]))
    assert enrolling.add_selfie(user=guest, data=picture([1])) == first


@pytest.mark.django_db
def test_another_face_of_the_same_picture_is_another_persons(guest):
    data = picture([1, 2])
    with pytest.raises(SeveralFaces) as asked:
        enrolling.add_selfie(user=guest, data=data)
    left, right = (choice.box for choice in asked.value.choices)
    first = enrolling.add_selfie(user=guest, data=data, box=left)
    nearly = left._replace(left=left.left + 0.01)
    assert enrolling.add_selfie(user=guest, data=data, box=nearly) == first
    with pytest.raises(UnusableSelfie, match="another_person"):
        enrolling.add_selfie(user=guest, data=data, box=right)


@pytest.mark.django_db
def test_what_is_kept_of_a_choice_is_our_own_box(guest):
    face = selfie_check.look(images.decode(picture([1, 2]), min_side=None), Box(0, 0.4, 0.2, 0.25))
    nearly = Box(0.01, 0.41, 0.17, 0.22)
    selfie = enrolling.add_selfie(user=guest, data=picture([1, 2]), box=nearly)
    assert selfie.face_box[0] * 640 == pytest.approx(face.face.x, abs=0.1)


@pytest.mark.django_db
def test_a_sixth_selfie_is_refused(guest):
    for _ in range(5):
        make_selfie(guest)
    with pytest.raises(UnusableSelfie, match="too_many_selfies"):
        enrolling.add_selfie(user=guest, data=picture([1], seed=99))


@pytest.mark.django_db
def test_nobody_is_enrolled_without_consent(event, guest):
    make_selfie(guest)
    assert enrolling.enroll_event(event.pk) == 0
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_enrolling_again_asks_the_index_nothing(event, guest, monkeypatch):
    consent(guest, event)
    make_selfie(guest)
    assert enrolling.enroll_event(event.pk) == 1
    monkeypatch.setattr(LocalIndex, "enroll", lambda *a: pytest.fail("asked again"))
    assert enrolling.enroll_event(event.pk) == 0


@pytest.mark.django_db
def test_a_selfie_is_enrolled_only_where_its_owner_consents(event, guest):
    elsewhere = make_event()
    add_member(elsewhere, guest)
    consent(guest, event)
    make_selfie(guest)
    enrolling.enroll_event(event.pk)
    enrolling.enroll_event(elsewhere.pk)
    assert list(Enrollment.objects.values_list("event", flat=True)) == [event.pk]


@pytest.mark.django_db
def test_a_withdrawal_during_enrolling_leaves_nothing_behind(event, guest, monkeypatch):
    consent(guest, event)
    make_selfie(guest)
    enroll = LocalIndex.enroll

    def enroll_slowly(self, *args):
        face = enroll(self, *args)
        withdrawal.withdraw(user=guest, event=event)
        return face

    monkeypatch.setattr(LocalIndex, "enroll", enroll_slowly)
    assert enrolling.enroll_event(event.pk) == 0
    assert not Enrollment.objects.exists()


@pytest.mark.django_db
def test_a_lost_enroll_job_is_found_by_the_sweep(event, guest):
    consent(guest, event)
    make_selfie(guest)
    enrolling.sweep()
    assert OrmQ.objects.count() == 1
    enrolling.enroll_event(event.pk)
    OrmQ.objects.all().delete()
    enrolling.sweep()
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_a_late_guest_of_a_guests_only_event_has_the_photos_scanned_again(event, guest, scanned):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    consent(guest, event)
    make_selfie(guest)
    enrolling.enroll_event(event.pk)
    assert PhotoScan.objects.filter(state="queued").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_racing_to_enroll_one_event_enroll_each_selfie_once(
    event, guest, other_guest, monkeypatch
):
    for user in (guest, other_guest):
        consent(user, event)
        make_selfie(user, person=user.pk % 4 + 1)
    asked: list[int] = []
    enroll = LocalIndex.enroll
    together = threading.Barrier(2)

    def counted(self, *args):
        asked.append(threading.get_ident())
        return enroll(self, *args)

    def work():
        together.wait(5)
        try:
            enrolling.enroll_event(event.pk)
        finally:
            connection.close()

    monkeypatch.setattr(LocalIndex, "enroll", counted)
    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert len(asked) == 2
    assert Enrollment.objects.count() == 2


@pytest.mark.django_db
def test_after_a_while_the_rest_is_another_jobs(event, guest, other_guest, monkeypatch):
    monkeypatch.setattr(enrolling, "SLICE_SECONDS", -1)
    for number, user in enumerate([guest, other_guest], 1):
        consent(user, event)
        make_selfie(user, person=number)
    assert enrolling.enroll_event(event.pk) == 1
    run_jobs()
    assert Enrollment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_locked_for_the_next_job(event, guest):
    """Asked again through a pooler, which lends another session each time, by
    `tests/faults/test_pooler.py`."""
    consent(guest, event)
    make_selfie(guest)
    assert [enrolling.enroll_event(event.pk) for _ in range(6)] == [1, 0, 0, 0, 0, 0]
