"""Originals straight to the bucket: no photo before the object was looked at."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from faces.finding import scanning
from faces.models import PhotoScan
from photos import binning
from photos.intake import direct_upload
from photos.models import DirectUpload, Photo
from photos.store import emptying, multipart, reading, removals
from photos.store.models import StoredObjectRemoval
from tests.builders import image_bytes
from tests.s3.conftest import let_pass
from tests.s3.gate import Refused
from tests.s3.sender import DATA, Sender, no_photo_and_soon_no_object

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


def test_what_is_sent_becomes_a_photo_like_every_other(sender, keys, organizer):
    sha256 = hashlib.sha256(DATA).hexdigest()
    answer = sender.upload(DATA, name="La fête.jpg", sha256=sha256)
    photo = Photo.objects.get()
    assert (answer["outcome"], answer["location"]) == ("accepted", photo.get_absolute_url())
    assert (photo.name, photo.sha256, photo.uploader) == ("La fête.jpg", sha256, organizer)
    assert reading.read(Photo, photo.pk, "original") == DATA
    assert not StoredObjectRemoval.objects.exists()
    scanning.run(PhotoScan.objects.get().pk)
    assert len(keys()) == 4


def test_two_parts_make_one_file_and_what_arrived_is_not_sent_again(sender):
    data = image_bytes((300, 200)) + os.urandom(6 * 2**20)
    begun = sender.begin(len(data)).json()
    first, second = data[: 5 * 2**20], data[5 * 2**20 :]
    etag = sender.send(begun, first, 1).headers["ETag"]
    listed = sender.address("direct_parts", begun["uploadId"], key=begun["key"])
    assert sender.client.get(listed).json() == [{"PartNumber": 1, "ETag": etag, "Size": len(first)}]
    other = sender.send(begun, second, 2).headers["ETag"]
    assert sender.complete(begun, etag, other).json()["outcome"] == "accepted"
    assert reading.read(Photo, Photo.objects.get().pk, "original") == data


def test_no_photo_is_there_before_the_upload_is_complete(sender):
    begun = sender.begin(len(DATA)).json()
    sender.send(begun, DATA)
    assert not Photo.objects.exists()


def test_bytes_that_are_in_the_bin_come_out_of_it_as_accepted(sender, keys):
    sender.upload(DATA)
    binning.put_in(Photo.objects.all(), by=None)
    before = keys()
    assert sender.upload(DATA, name="again.jpg")["outcome"] == "accepted"
    assert Photo.objects.kept().count() == 1
    emptying.drain()
    assert keys() == before


def test_bytes_that_are_there_already_are_kept_once(sender, keys):
    sender.upload(DATA)
    answer = sender.upload(DATA, name="again.jpg")
    assert (answer["outcome"], answer["name"]) == ("known", "again.jpg")
    emptying.drain()
    assert len(keys()) == 1
    assert Photo.objects.get().name == "a.jpg"


def test_another_kind_of_picture_than_declared_is_what_it_is(sender):
    sender.upload(image_bytes(kind="PNG"))
    assert Photo.objects.get().content_type == "image/png"


def test_completing_twice_gives_the_same_answer(sender):
    begun = sender.begin(len(DATA)).json()
    etag = sender.send(begun, DATA).headers["ETag"]
    first, second = (sender.complete(begun, etag).json() for _ in range(2))
    assert first == second
    assert Photo.objects.count() == 1


def test_an_answer_that_was_lost_on_its_way_is_asked_for_again(sender):
    begun = sender.begin(len(DATA)).json()
    sender.complete(begun, sender.send(begun, DATA).headers["ETag"])
    asked = sender.client.get(sender.address("direct_outcome", key=begun["key"]))
    assert asked.json()["outcome"] == "accepted"


def test_a_kill_after_the_object_is_made_is_made_good_by_asking_again(sender, monkeypatch):
    begun = sender.begin(len(DATA)).json()
    etag = sender.send(begun, DATA).headers["ETag"]
    upload = DirectUpload.objects.get()
    parts = [{"PartNumber": 1, "ETag": etag}]
    multipart.complete(upload.folder, upload.upload_id, parts)  # and no more
    assert sender.complete(begun, etag).json()["outcome"] == "accepted"


def test_an_upload_that_is_given_up_leaves_nothing(sender, s3, bucket_name, keys):
    begun = sender.begin(len(DATA)).json()
    sender.send(begun, DATA)
    address = sender.address("direct_parts", begun["uploadId"], key=begun["key"])
    assert sender.client.delete(address, headers=sender.headers).status_code == 200
    assert no_photo_and_soon_no_object(keys)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket_name)
    assert sender.complete(begun, "x").json()["code"] == "upload_lost"


def test_an_upload_that_is_never_finished_goes_after_a_day(sender, s3, bucket_name, keys):
    sender.send(sender.begin(len(DATA)).json(), DATA)
    emptying.drain()
    assert "Uploads" in s3.list_multipart_uploads(Bucket=bucket_name)
    let_pass(removals.RESERVED_FOR)
    assert no_photo_and_soon_no_object(keys)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket_name)


def test_uploads_that_may_not_be_aborted_hold_up_no_other_removal(sender, gate, keys, caplog):
    def denied(request):
        if request.startswith("DELETE") and "uploadId=" in request:
            raise Refused("403 Forbidden", "AccessDenied")

    sender.begin(len(DATA))
    sender.upload(DATA)
    Photo.objects.all().delete()
    StoredObjectRemoval.objects.update(available_at=timezone.now())
    gate.bad_day = denied
    emptying.drain()
    assert keys() == set()
    assert StoredObjectRemoval.objects.get().upload_id
    assert "upload_not_aborted code=store_denied" in caplog.text


def test_uploads_long_past_are_forgotten_their_photos_are_not(sender):
    sender.upload(DATA)
    DirectUpload.objects.update(
        created_at=timezone.now() - direct_upload.KEPT_FOR - timedelta(hours=1)
    )
    direct_upload.sweep()
    assert (DirectUpload.objects.count(), Photo.objects.count()) == (0, 1)


def test_a_bucket_that_is_away_is_a_reason_and_no_error(sender, gate):
    def expired(request):
        raise Refused("400 Bad Request", "ExpiredToken")

    gate.bad_day = expired
    for answer in (sender.begin(10), sender.client.get(sender.address("direct"))):
        assert (answer.status_code, answer.json()["code"]) == (503, "store_denied")
        assert "expired" in answer.json()["reason"]


def test_a_bucket_that_goes_away_at_the_end_can_be_asked_again(sender, gate):
    begun = sender.begin(len(DATA)).json()
    etag = sender.send(begun, DATA).headers["ETag"]

    def busy(request):
        raise Refused("503 Slow Down", "SlowDown")

    gate.bad_day = busy
    assert sender.complete(begun, etag).status_code == 503
    gate.bad_day = lambda request: None
    assert sender.complete(begun, etag).json()["outcome"] == "accepted"


def test_two_who_complete_at_once_make_one_photo_and_keep_its_bytes(
    transactional_db, sender, organizer, as_user, event, keys
):
    begun = sender.begin(len(DATA)).json()
    etag = sender.send(begun, DATA).headers["ETag"]

    def complete(client):
        try:
            return Sender(client, event).complete(begun, etag).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = set(pool.map(complete, [as_user(organizer), as_user(organizer)]))
    assert statuses <= {200, 503}  # who comes second may have to ask again
    assert sender.complete(begun, etag).json()["outcome"] == "accepted"
    let_pass(removals.RESERVED_FOR)
    emptying.drain()
    assert len(keys()) == 1
    assert reading.read(Photo, Photo.objects.get().pk, "original") == DATA


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_is_full_is_a_reason_and_can_be_asked_again(sender, monkeypatch):
    begun = sender.begin(len(DATA)).json()
    etag = sender.send(begun, DATA).headers["ETag"]
    with monkeypatch.context() as patch:
        patch.setattr(multipart, "tempfile", FullDisk)
        answer = sender.complete(begun, etag)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_full")
    assert sender.complete(begun, etag).json()["outcome"] == "accepted"


class FullDisk:
    @staticmethod
    def NamedTemporaryFile():  # noqa: N802
        return Path("/dev/full").open("r+b", buffering=0)
