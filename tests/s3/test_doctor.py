"""What `doctor` sees of pictures in a bucket, of a sample."""

from __future__ import annotations

import pytest

from faces.finding import scanning
from faces.models import PhotoScan
from photos.health import sampled_bytes
from photos.intake.ingest import ingest
from photos.models import Photo, StoredObjectRemoval
from tests import builders
from tests.fakes import picture
from tests.health import found
from tests.s3.gate import Refused

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


@pytest.fixture
def photo(bucket_name, event, settings):
    settings.MEDIA_STORE = "s3"
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scanning.run(PhotoScan.objects.get().pk)
    return Photo.objects.get()


def codes() -> dict[str, int]:
    return {finding.code: finding.count for finding in sampled_bytes() if finding.wrong}


def test_objects_that_are_gone_cut_short_or_of_nothing_are_found(photo, s3, bucket_name):
    assert codes() == {}
    folder = f"our site/{photo.folder}"
    s3.delete_object(Bucket=bucket_name, Key=f"{folder}/medium.webp")
    s3.put_object(Bucket=bucket_name, Key=f"{folder}/original", Body=b"short")
    s3.put_object(
        Bucket=bucket_name, Key=f"our site/photos/{photo.event_id}/z/original", Body=b"lost"
    )
    assert codes() == {"bytes_differ": 2, "objects_unowned": 1}


def test_a_bucket_that_refuses_is_said_with_what_to_look_at(photo, gate):
    def bad_day(*request):
        raise Refused("403 Forbidden", "AccessDenied")

    gate.bad_day = bad_day
    (finding,) = sampled_bytes()
    assert finding.code == "bucket_away"
    assert "AWS_SECRET_ACCESS_KEY" in finding.text


def test_a_folder_that_was_to_be_emptied_long_ago_is_emptied(photo, s3, bucket_name):
    s3.put_object(Bucket=bucket_name, Key="our site/photos/9/old/original", Body=b"old")
    StoredObjectRemoval.objects.create(folder="photos/9/old", available_at=builders.NOON)
    assert found(repair=True)["removal_overdue"] == "mended"
    assert "removal_overdue" not in found(repair=True)
    assert codes() == {}
