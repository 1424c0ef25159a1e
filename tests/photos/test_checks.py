"""Storage settings that would lose or show photos are refused in words."""

import os
import subprocess
import sys

import pytest

from findme.env import ROOT, bucket
from photos import checks


@pytest.fixture
def use(settings):
    """Settings for a bucket, with these differences."""

    def use(**overrides):
        options = bucket() | {"bucket_name": "b", "region_name": "eu-central-1"} | overrides
        settings.MEDIA_STORE = "s3"
        settings.BUCKET = options
        storage = {"BACKEND": "photos.store.bucket.BucketStorage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "media": storage}
        found = checks.media_store_is_usable() + checks.pictures_are_never_public()
        return [(problem.id, problem.msg) for problem in found]

    return use


def test_the_default_is_in_order():
    assert checks.media_store_is_usable() == checks.pictures_are_never_public() == []


def test_a_plain_bucket_is_in_order(use):
    assert use() == []
    assert use(region_name=None, endpoint_url="https://s3.example.com") == []


def test_an_unknown_store_and_a_missing_bucket_are_refused(settings):
    settings.MEDIA_STORE = "disk"
    assert [problem.id for problem in checks.media_store_is_usable()] == ["photos.E001"]
    settings.MEDIA_STORE = "s3"
    assert [problem.id for problem in checks.media_store_is_usable()] == ["photos.E002"]


@pytest.mark.parametrize(
    "public",
    [
        {"default_acl": "public-read"},
        {"querystring_auth": False},
        {"custom_domain": "cdn.example.com"},
        {"custom_domain": "cdn.example.com", "cloudfront_key_id": "K1"},
    ],
)
def test_public_objects_and_unsigned_addresses_are_refused(use, public):
    assert [code for code, _ in use(**public)] == ["photos.E003"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"region_name": None}, "MEDIA_S3_REGION"),
        ({"addressing_style": "dns"}, "MEDIA_S3_ADDRESSING"),
        ({"checksums": "never"}, "MEDIA_S3_CHECKSUMS"),
        ({"location": "/a"}, "MEDIA_S3_PREFIX"),
        ({"location": "a/../b"}, "MEDIA_S3_PREFIX"),
        ({"endpoint_url": "s3.example.com"}, "MEDIA_S3_ENDPOINT"),
        ({"access_key": "A"}, "AWS_SECRET_ACCESS_KEY"),
        (
            {
                "custom_domain": "https://cdn.example.com",
                "cloudfront_key_id": "K1",
                "cloudfront_key": b"no key",
            },
            "MEDIA_CLOUDFRONT_KEY is no private key",
        ),
    ],
)
def test_options_that_cannot_work_are_named(use, options, word):
    assert word in " ".join(text for code, text in use(**options) if code == "photos.E005")


@pytest.mark.parametrize("seconds", [0, 299, 4 * 24 * 3600])
def test_addresses_that_live_too_shortly_or_too_long_are_refused(settings, seconds):
    settings.MEDIA_URL_SECONDS = seconds
    assert [problem.id for problem in checks.media_store_is_usable()] == ["photos.E004"]


def test_a_site_without_a_bucket_does_not_load_what_talks_to_one():
    """36 MB in every process."""
    code = (
        "import sys; from findme import urls; from faces import tasks;"
        "assert not {'boto3', 'botocore.auth'} & set(sys.modules)"
    )
    environment = {**os.environ, "MEDIA_STORE": "database", "MEDIA_S3_BUCKET": ""}
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
