"""What botocore and Pillow did not promise FindMe; docs/private-interfaces.md says why.

Each test fails when a library changes what it names.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from urllib.parse import quote

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from PIL import ExifTags, Image

from findme.env import bucket
from photos.store import signing, windows
from photos.store.bucket import BucketStorage

# --- botocore and django-storages ---


def signed_by_botocore(key: str, content_type: str) -> str:
    client = boto3.client(
        "s3",
        region_name="eu-central-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        aws_session_token="token",
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    params = {"Bucket": "photos", "Key": key, "ResponseContentType": content_type}
    lifetime = windows.lifetime_seconds()
    return client.generate_presigned_url("get_object", Params=params, ExpiresIn=lifetime)


def test_an_address_is_signed_as_botocore_signs_it_at_that_moment(time_machine):
    start, key = 1_800_000_000, "1/La fête.jpg"
    time_machine.move_to(datetime.fromtimestamp(start, UTC), tick=False)
    theirs = signed_by_botocore(key, "image/jpeg")
    time_machine.move_to(datetime.fromtimestamp(start + 999, UTC), tick=False)
    assert signed_by_botocore(key, "image/jpeg") != theirs
    credentials = Credentials("key", "secret", "token").get_frozen_credentials()
    base, region = signing.base_and_region(theirs, quote(key))
    overrides = (("response-content-type", "image/jpeg"),)
    assert signing.signed(base, region, credentials, key, overrides, start) == theirs


def answer(status: int, body: bytes) -> AWSResponse:
    """As if it had come over the network, where a client's `before-send` returns it."""
    return AWSResponse("", status, {}, RawBody(body))


class RawBody(io.BytesIO):
    def stream(self, **kwargs):
        yield self.read()


def test_each_attempt_of_a_call_is_told():
    said = []
    client = boto3.client(
        "rekognition",
        region_name="eu-west-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )
    answers = iter([answer(503, b"{}"), answer(200, b"{}")])
    events = client.meta.events
    events.register_first("request-created.rekognition", lambda **_: said.append("attempt"))
    events.register("before-send.rekognition", lambda **_: next(answers))
    events.register(
        "response-received.rekognition",
        lambda parsed_response, exception, **_: said.append("Error" in parsed_response),
    )
    getattr(client, xform_name("ListCollections"))()
    assert said == ["attempt", True, "attempt", False]


def test_a_storages_options_can_be_read():
    plain = {"bucket_name": "photos", "region_name": "eu-central-1", "location": "a/b"}
    keys = {"access_key": "key", "secret_key": "secret", "security_token": "token"}
    storage = BucketStorage(**bucket() | plain | keys)
    assert storage.connection.meta.client.meta.service_model.service_name == "s3"
    assert {name: getattr(storage, name) for name in keys} == keys
    assert (storage.location, storage.session_profile) == ("a/b", None)
    assert (storage.custom_domain, storage.cloudfront_signer) == (None, None)
    # Where django-storages puts what it is given is where the rest is looked for.
    assert storage.key("photos/1/original") == storage._normalize_name("photos/1/original")
    ours, theirs = storage.credentials, storage._create_session().get_credentials()
    assert ours.get_frozen_credentials() == theirs.get_frozen_credentials()


# --- Pillow ---


def test_opening_a_picture_reads_up_to_its_pixels():
    noise = Image.effect_noise((300, 200), 60).convert("RGB")
    small, whole = io.BytesIO(), io.BytesIO()
    noise.resize((60, 40)).save(small, "JPEG")
    noise.save(whole, "JPEG", comment=small.getvalue())
    data = whole.getvalue()
    stream = io.BytesIO(data)
    Image.open(stream, formats=["JPEG"])
    thumbnails_end, pixels = data.find(b"\xff\xd9"), data.rfind(b"\xff\xda")
    assert thumbnails_end < pixels <= stream.tell() < len(data) / 2
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = 6
    read = Image.Exif()
    read.load(notes.tobytes())
    assert read[ExifTags.Base.Orientation] == 6
