"""Originals straight to the bucket: no photo before the object was looked at."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from events.models import Membership
from faces.finding import scanning
from faces.models import PhotoScan
from photos.intake import direct_upload
from photos.models import DirectUpload, Photo
from photos.store import emptying, multipart, reading, removals
from photos.store.models import StoredObjectRemoval
from tests.builders import add_member, image_bytes, make_user
from tests.fakes import picture
from tests.s3.conftest import let_pass
from tests.s3.gate import Refused

pytestmark = [pytest.mark.s3, pytest.mark.django_db]

ORIGIN = "http://testserver"
DATA = picture([1])


class Sender:
    """Does what @uppy/aws-s3 does with `companionEndpoint`."""

    def __init__(self, client, event, origin=ORIGIN):
        self.client, self.event, self.headers = client, event, {"origin": origin}

    def address(self, name, *args, key=""):
        return reverse(name, args=[self.event.slug, *args]) + (f"?key={key}" if key else "")

    def post(self, address, data):
        return self.client.post(
            address, data, content_type="application/json", headers=self.headers
        )

    def begin(self, size, name="a.jpg", **metadata):
        asked = {"filename": name, "type": "image/jpeg", "metadata": {"size": str(size)} | metadata}
        return self.post(self.address("direct_begin"), asked)

    def send(self, begun, data, number=1):
        address = self.address("direct_part", begun["uploadId"], number, key=begun["key"])
        return requests.put(self.client.get(address).json()["url"], data=data)

    def complete(self, begun, *etags):
        parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]
        address = self.address("direct_complete", begun["uploadId"], key=begun["key"])
        return self.post(address, {"parts": parts})

    def upload(self, data, *, size=None, **metadata):
        """The whole way; the answer to `complete`."""
        begun = self.begin(len(data) if size is None else size, **metadata).json()
        sent = self.send(begun, data)
        return self.complete(begun, sent.headers["ETag"]).json()


@pytest.fixture
def sender(bucket_name, event, organizer, as_user):
    return Sender(as_user(organizer), event)


def no_photo_and_soon_no_object(keys):
    emptying.drain()
    return not Photo.objects.exists() and keys() == set()


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


def test_bytes_that_are_there_already_are_kept_once(sender, keys):
    sender.upload(DATA)
    answer = sender.upload(DATA, name="again.jpg")
    assert (answer["outcome"], answer["name"]) == ("known", "again.jpg")
    emptying.drain()
    assert len(keys()) == 1
    assert Photo.objects.get().name == "a.jpg"


@pytest.mark.parametrize(
    ("data", "declared", "code"),
    [
        (DATA, {"size": len(DATA) - 1}, "size_differs"),
        (DATA, {"size": len(DATA) + 1}, "size_differs"),
        (DATA, {"sha256": "0" * 64}, "hash_differs"),
        (b"<html>" + b"x" * 500, {}, "not_an_image"),
        (image_bytes(kind="GIF"), {}, "unsupported_format"),
        (DATA[:5000], {}, "truncated"),
    ],
)
def test_what_is_not_as_declared_or_no_picture_is_refused_and_removed(
    sender, keys, data, declared, code
):
    answer = sender.upload(data, **declared)
    assert (answer["outcome"], answer["code"], bool(answer["reason"])) == ("refused", code, True)
    assert no_photo_and_soon_no_object(keys)


def test_more_than_allowed_is_refused_without_being_fetched(sender, keys, settings, gate):
    begun = sender.begin(len(DATA)).json()
    etag = sender.send(begun, DATA).headers["ETag"]
    settings.PHOTO_MAX_BYTES = 1000
    gate.requests.clear()
    assert sender.complete(begun, etag).json()["code"] == "too_large"
    assert not [request for request in gate.requests if request.startswith("GET")]
    assert no_photo_and_soon_no_object(keys)


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


@pytest.mark.parametrize(("size", "code"), [("0", "empty"), (str(10**12), "too_large")])
def test_what_could_not_be_accepted_is_not_begun(sender, gate, size, code):
    gate.requests.clear()
    answer = sender.begin(size)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert gate.requests == []


def test_a_closed_event_takes_no_uploads(sender, event):
    event.closed_at = timezone.now()
    event.save()
    assert sender.begin(10).json()["code"] == "event_closed"


def test_an_event_that_closed_meanwhile_refuses_what_was_sent(sender, event, keys):
    begun = sender.begin(len(DATA)).json()
    etag = sender.send(begun, DATA).headers["ETag"]
    event.closed_at = timezone.now()
    event.save()
    answer = sender.complete(begun, etag).json()
    assert (answer["outcome"], answer["code"]) == ("refused", "event_closed")
    assert no_photo_and_soon_no_object(keys)


@pytest.mark.parametrize("number", [0, 2, 10_001])
def test_no_more_parts_are_signed_than_the_size_needs(sender, number):
    begun = sender.begin(len(DATA)).json()
    address = sender.address("direct_part", begun["uploadId"], number, key=begun["key"])
    assert sender.client.get(address).status_code == 422


def test_parts_that_were_never_sent_make_no_photo(sender, keys):
    begun = sender.begin(len(DATA)).json()
    sender.send(begun, DATA)
    assert sender.complete(begun, '"0123456789abcdef"').json()["code"] == "upload_refused"
    assert no_photo_and_soon_no_object(keys)


@pytest.mark.parametrize(
    "metadata",
    [{"size": "x"}, {"size": "-1"}, {"size": None}, {"size": "1", "sha256": "g" * 64}, "none", []],
)
def test_what_is_not_the_protocol_is_a_bad_request(sender, metadata):
    asked = {"filename": "a.jpg", "metadata": metadata}
    answer = sender.post(sender.address("direct_begin"), asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    asked = {"filename": 5, "metadata": {"size": "1"}}
    assert sender.post(sender.address("direct_begin"), asked).status_code == 400


def addresses(sender, begun):
    names = ["direct_parts", "direct_outcome"]
    with_id = [begun["uploadId"]], []
    found = [
        sender.address(name, *args, key=begun["key"])
        for name, args in zip(names, with_id, strict=True)
    ]
    part = sender.address("direct_part", begun["uploadId"], 1, key=begun["key"])
    return [sender.address("direct"), part, *found]


def test_outsiders_get_404_guests_403_and_visitors_401(
    sender, event, guest, stranger, rival_organizer, as_user, client
):
    begun = sender.begin(len(DATA)).json()
    expected = [(stranger, 404), (rival_organizer, 404), (guest, 403)]
    for address in addresses(sender, begun):
        assert sender.client.get(address).status_code == 200
        visitors = client.get(address)
        assert (visitors.status_code, visitors.json()["code"]) == (401, "signed_out")
        for user, status in expected:
            assert as_user(user).get(address).status_code == status, address
    for user, status in expected:
        other = Sender(as_user(user), event)
        assert other.begin(10).status_code == status
        assert other.complete(begun, "x").status_code == status


def test_another_photographers_upload_is_not_found(sender, event, as_user):
    begun = sender.begin(len(DATA)).json()
    photographer = make_user("Pia", is_staff=True)
    add_member(event, photographer, Membership.Role.PHOTOGRAPHER)
    other = Sender(as_user(photographer), event)
    assert other.begin(10).status_code == 200
    assert other.complete(begun, "x").status_code == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_other_sites_cannot_ask(sender, origin):
    sender.headers = {"origin": origin}
    assert sender.begin(10).status_code == 403
    sender.headers = {}
    assert sender.begin(10).status_code == 403


def test_without_a_bucket_nothing_is_offered(sender, settings):
    settings.MEDIA_DIRECT_UPLOAD = False
    assert sender.begin(10).status_code == 404
    settings.MEDIA_DIRECT_UPLOAD, settings.MEDIA_STORE = True, "database"
    assert sender.begin(10).status_code == 404


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
