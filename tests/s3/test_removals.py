"""What a row leaves in the bucket goes after the row's end is committed, and only then."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from faces.finding import enrolling
from faces.models import Selfie
from faces.privacy import withdrawal
from photos.imaging import renditions
from photos.intake import publishing
from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store import emptying, reading, removals, stores
from photos.store.faults import StoreUnavailable
from photos.store.models import StoredObjectRemoval, new_folder
from photos.tasks import remove_objects
from tests.builders import consent
from tests.fakes import picture
from tests.s3.conftest import let_pass
from tests.s3.gate import Refused

pytestmark = [pytest.mark.s3, pytest.mark.django_db]

SMALL = renditions.Renditions(
    preview=b"preview", medium=b"medium", thumbnail=b"thumbnail", blurhash="LKO2"
)


@pytest.fixture
def take(bucket_name, event):
    def take(seed=0):
        photo = ingest(event=event, data=picture([1], seed=seed), name="a", uploader=None).photo
        publishing.publish(photo.pk, SMALL)
        return Photo.objects.get(pk=photo.pk)

    return take


def removal_jobs():
    return sum(job.name().startswith("remove_objects") for job in OrmQ.objects.all())


def run_sql():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM faces_photoscan; DELETE FROM photos_photo")


@pytest.mark.parametrize(
    "delete",
    [
        lambda photo: photo.delete(),
        lambda photo: Photo.objects.all().delete(),
        lambda photo: photo.event.delete(),
        lambda photo: run_sql(),
    ],
    ids=["photo", "several", "event", "sql"],
)
def test_a_photos_objects_go_however_it_is_deleted(take, keys, delete):
    photo = take()
    assert len(keys()) == 4
    delete(photo)
    assert StoredObjectRemoval.objects.get().folder == photo.folder
    remove_objects(0)
    assert keys() == set()
    assert not StoredObjectRemoval.objects.exists()


def test_other_photos_stay(take, keys):
    gone, stays = take(1), take(2)
    gone.delete()
    emptying.drain()
    assert len(keys()) == 4
    assert all(stays.folder in key for key in keys())


def test_deleting_an_event_enqueues_one_job(take, event):
    for seed in range(5):
        take(seed)
    event.delete()
    assert removal_jobs() == 1
    assert StoredObjectRemoval.objects.count() == 5


def test_nothing_goes_for_a_transaction_that_is_rolled_back(take, keys):
    photo = take()
    with transaction.atomic():
        photo.delete()
        transaction.set_rollback(True)
    emptying.drain()
    assert len(keys()) == 4
    assert removal_jobs() == 0


def test_a_guests_selfies_go_with_the_guest_the_consent_and_the_button(
    bucket_name, keys, event, guest, other_guest
):
    for user, seed in [(guest, 1), (other_guest, 2)]:
        consent(user, event)
        enrolling.add_selfie(user=user, data=picture([1], seed=seed))
    assert len(keys()) == 2
    withdrawal.withdraw(user=guest, event=event)
    other_guest.delete()
    emptying.drain()
    assert keys() == set()


def test_a_selfie_that_the_index_refuses_is_not_kept(bucket_name, keys, event, guest):
    selfie = enrolling.add_selfie(user=guest, data=picture([1]))
    enrolling._reject(event, selfie, "no_face")
    emptying.drain()
    assert keys() == set()
    assert Selfie.objects.get().store == "database"


def busy(request):
    raise Refused("503 Slow Down", "SlowDown")


def test_a_removal_that_fails_is_tried_again_until_it_is_done(take, keys, gate):
    take().delete()
    gate.bad_day = busy
    assert emptying.drain() == 0
    row = StoredObjectRemoval.objects.get()
    assert (row.attempts, row.failure_code) == (1, "store_busy")
    gate.bad_day = lambda request: None
    assert emptying.drain() == 0  # not due yet
    let_pass(timedelta(minutes=2))
    emptying.sweep()
    assert removal_jobs() == 2  # the deletion's and the sweep's
    assert emptying.drain() == 1
    assert keys() == set()


def test_what_no_row_came_to_hold_goes_after_a_day(bucket_name, keys):
    """As after a kill between the bucket and the commit."""
    stores.for_new().prepare(new_folder("photos", 1), {"original": b"x"})
    emptying.drain()
    assert len(keys()) == 1
    let_pass(removals.RESERVED_FOR)
    emptying.drain()
    assert keys() == set()


def test_what_a_row_holds_stays_whatever_was_booked(take, keys):
    """As after a kill while renditions were brought: the booking is left, and so is the photo."""
    photo = take()
    removals.reserve(photo.folder)
    let_pass(removals.RESERVED_FOR)
    assert emptying.drain() == 1
    assert len(keys()) == 4


def test_nothing_is_committed_to_a_folder_whose_removal_has_begun(bucket_name, event):
    prepared = stores.for_new().prepare(new_folder("photos", 1), {"original": b"x"})
    StoredObjectRemoval.objects.update(available_at=timezone.now())
    removals.claim()
    with pytest.raises(StoreUnavailable):
        prepared.fields()


def test_renditions_of_a_photo_that_is_gone_do_not_stay(take, keys, monkeypatch):
    photo = take()
    prepare = stores.named("s3").prepare

    def prepare_slowly(self, folder, pictures):
        Photo.objects.all().delete()
        emptying.drain()
        return prepare(folder, pictures)

    monkeypatch.setattr(type(stores.named("s3")), "prepare", prepare_slowly)
    assert publishing.publish(photo.pk, SMALL) is False
    emptying.drain()
    assert keys() == set()


def test_a_photo_known_already_leaves_nothing(take, keys, event):
    take(1)
    ingest(event=event, data=picture([1], seed=1), name="again", uploader=None)
    assert len(keys()) == 4
    assert not StoredObjectRemoval.objects.exists()


def test_two_uploads_at_once_leave_one_photo_and_one_set_of_objects(
    bucket_name, event, keys, monkeypatch
):
    prepare = stores.named("s3").prepare
    data = picture([1])

    def meanwhile(self, folder, pictures):
        monkeypatch.undo()
        ingest(event=event, data=data, name="first", uploader=None)
        return prepare(folder, pictures)

    with monkeypatch.context() as patch:
        patch.setattr(type(stores.named("s3")), "prepare", meanwhile)
        patch.setattr(monkeypatch, "undo", patch.undo)
        second = ingest(event=event, data=data, name="second", uploader=None)
    assert (second.is_new, second.photo.name) == (False, "first")
    emptying.drain()
    assert len(keys()) == 1
    assert reading.read(Photo, second.photo.pk, "original") == data
