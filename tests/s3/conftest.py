"""A bucket behind the signature gate, and FindMe configured for it."""

from __future__ import annotations

import itertools
from datetime import timedelta
from functools import cache
from unittest import mock

import boto3
import pytest
from botocore import session
from botocore.config import Config
from botocore.retries import standard
from django.db.models import F

from findme.env import bucket, picture_origins
from photos.store import signing
from photos.store.models import StoredObjectRemoval
from tests.s3.gate import KEY_ID, REGION, SECRET, Gate
from tests.s3.sender import Sender

_numbers = itertools.count(1)
OWN_PICTURES = ["'self'", "data:", "blob:"]


@cache
def _picture_origins(**options):
    return picture_origins(options)


def origins_of(bucket_name, addressing_style, **options):
    """`picture_origins`, which makes a client of its own, of each kind of bucket once."""
    name = "any" if bucket_name and addressing_style == "path" else bucket_name
    asked = {key: options[key] for key in ("custom_domain", "region_name", "endpoint_url")}
    return _picture_origins(bucket_name=name, addressing_style=addressing_style, **asked)


def let_pass(time):
    """What waiting would do to booked removals."""
    earlier = F("available_at") - time - timedelta(seconds=1)
    StoredObjectRemoval.objects.update(available_at=earlier)


def environment(options):
    """The same bucket for a process of its own."""
    return {
        "MEDIA_S3_BUCKET": options["bucket_name"],
        "MEDIA_S3_REGION": REGION,
        "MEDIA_S3_ENDPOINT": options["endpoint_url"],
        "MEDIA_S3_PREFIX": options["location"],
        "MEDIA_S3_ADDRESSING": "path",
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }


@pytest.fixture(autouse=True, scope="session")
def _descriptions_are_read_once():
    """Each test has a storage of its own, whose session would parse S3's description again."""
    loader = session.create_loader()
    with mock.patch.object(session, "create_loader", return_value=loader):
        yield


@pytest.fixture(autouse=True)
def _tried_again_at_once(monkeypatch):
    """botocore tries as often as ever, and does not sleep in between."""
    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda self, context: 0)


@pytest.fixture(scope="session")
def server():
    gate = Gate()
    yield gate
    gate.close()


@pytest.fixture
def gate(server):
    yield server
    server.bad_day = lambda request: None
    server.is_public = False
    server.requests.clear()


@pytest.fixture(scope="session")
def s3(server):
    """The bucket's owner, who asks S3 without FindMe."""
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


@pytest.fixture
def options(gate):
    """What settings would hand to the storage."""
    return {
        **bucket(),
        "bucket_name": f"photos-{next(_numbers)}",
        "region_name": REGION,
        "endpoint_url": gate.url,
        "location": "our site",
        "addressing_style": "path",
        "access_key": KEY_ID,
        "secret_key": SECRET,
    }


@pytest.fixture
def use_bucket(settings):
    def use(**options):
        storage = {"BACKEND": "photos.store.bucket.BucketStorage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "media": storage}
        settings.BUCKET = options
        policy = settings.CONTENT_SECURITY_POLICY
        origins = origins_of(**options)
        also = {"img-src": [*OWN_PICTURES, *origins], "connect-src": ["'self'", *origins]}
        settings.CONTENT_SECURITY_POLICY = {
            **policy,
            "DIRECTIVES": {**policy["DIRECTIVES"], **also},
        }

    return use


@pytest.fixture
def bucket_name(gate, s3, options, use_bucket, settings):
    """An empty bucket, which new photos go to."""
    name = options["bucket_name"]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    use_bucket(**options)
    settings.MEDIA_STORE = "s3"
    signing.signed.cache_clear()
    return name


@pytest.fixture
def keys(s3, bucket_name):
    """Every object's key, now."""

    def keys() -> set[str]:
        listed = s3.list_objects_v2(Bucket=bucket_name).get("Contents", [])
        return {item["Key"] for item in listed}

    return keys


@pytest.fixture
def let_in(s3, bucket_name):
    """The bucket's rules for browsers, as docs/operations.md has them."""

    def let_in(origin, exposed=("ETag",)):
        rule = {
            "AllowedOrigins": [origin],
            "AllowedMethods": ["PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": list(exposed),
            "MaxAgeSeconds": 3600,
        }
        s3.put_bucket_cors(Bucket=bucket_name, CORSConfiguration={"CORSRules": [rule]})

    return let_in


@pytest.fixture
def sender(bucket_name, event, organizer, as_user):
    return Sender(as_user(organizer), event)
