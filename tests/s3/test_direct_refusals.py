"""What is not taken straight to the bucket: wrong bytes, requests and people."""

import pytest
from django.utils import timezone

from events.models import Membership
from tests.builders import add_member, image_bytes, make_user
from tests.s3.sender import DATA, Sender, no_photo_and_soon_no_object

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("data", "declared", "code"),
    [
        (DATA, {"size": len(DATA) - 1}, "size_differs"),
        (DATA, {"size": len(DATA) + 1}, "size_differs"),
        (DATA, {"sha256": "0" * 64}, "hash_differs"),
        (b"<html>" + b"x" * 500, {}, "not_an_image"),
        (image_bytes(kind="BMP"), {}, "unsupported_format"),
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
