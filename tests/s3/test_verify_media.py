"""`manage.py verify_media` finds what is wrong, and says it."""

import io

import pytest
from django.core.management import CommandError, call_command

from faces.finding import scanning
from faces.models import PhotoScan
from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store import emptying, pieces, removals
from photos.store.models import OriginalPiece
from tests.fakes import picture
from tests.s3.gate import Refused

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


@pytest.fixture(params=["database", "s3"])
def photo(request, bucket_name, event, settings):
    settings.MEDIA_STORE = request.param
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scanning.run(PhotoScan.objects.get().pk)
    return Photo.objects.get()


@pytest.fixture
def change(s3, bucket_name):
    """Change what is stored, behind FindMe's back; None removes it."""

    def change(photo, kind, data):
        if photo.store == "database" and kind == "original":
            OriginalPiece.objects.all().delete()
            pieces.write(photo.pk, data or b"")
            return
        if photo.store == "database":
            Photo.objects.update(**{Photo.kinds[kind].column: data})
            return
        key = f"our site/{photo.folder}/{Photo.kinds[kind].object_name}"
        if data is None:
            s3.delete_object(Bucket=bucket_name, Key=key)
        else:
            s3.put_object(Bucket=bucket_name, Key=key, Body=data)

    return change


def verify(**options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_media", verbosity=0, stdout=out, stderr=err, **options)
    except CommandError as error:
        return error.returncode, out.getvalue() + err.getvalue() + str(error)
    return 0, out.getvalue()


def test_what_is_in_order_is_said_to_be(photo):
    assert verify() == (0, "1 rows read, 0 pictures wrong\n")


@pytest.mark.parametrize(
    ("kind", "data", "what"),
    [
        ("original", None, "original is missing"),
        ("original", b"other", "original has other bytes than accepted (5)"),
        ("preview", None, "preview is missing"),
        ("medium", None, "medium is missing"),
        ("preview", b"<html>", "preview is not the picture we made"),
    ],
)
def test_what_was_changed_behind_our_back_is_found(photo, change, kind, data, what):
    change(photo, kind, data)
    code, said = verify()
    assert code == 1
    assert f"photos.photo {photo.pk}: {what}" in said


def test_a_photo_that_is_not_ready_lacks_no_renditions(photo, change):
    change(photo, "medium", None)
    Photo.objects.update(status="processing")
    assert verify()[0] == 0


def test_orphans_are_listed_and_asked_to_removed(photo, s3, bucket_name, keys):
    before = keys()
    s3.put_object(Bucket=bucket_name, Key="our site/photos/9/abc/original", Body=b"x")
    s3.put_object(Bucket=bucket_name, Key="our site/trial/abc/original", Body=b"x")
    s3.put_object(Bucket=bucket_name, Key="another site/photos/9/abc/original", Body=b"x")
    code, said = verify()
    assert (code, "belongs to nothing: photos/9/abc\n" in said) == (1, True)
    assert verify(remove_orphans=True)[0] == 0
    assert keys() == before | {"another site/photos/9/abc/original"}


@pytest.mark.parametrize("prefix", ["", "a", "a/b"])
def test_any_prefix_will_do(bucket_name, options, use_bucket, event, s3, keys, prefix):
    use_bucket(**options | {"location": prefix})
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    lead = f"{prefix}/" if prefix else ""
    s3.put_object(Bucket=bucket_name, Key=f"{lead}photos/9/abc/original", Body=b"x")
    code, said = verify(remove_orphans=True)
    assert (code, "belongs to nothing: photos/9/abc\n" in said) == (0, True)
    assert keys() == {f"{lead}{Photo.objects.get().folder}/original"}


def test_what_is_booked_for_removal_or_on_its_way_is_no_orphan(photo, s3, bucket_name):
    removals.reserve("photos/9/abc")
    s3.put_object(Bucket=bucket_name, Key="our site/photos/9/abc/original", Body=b"x")
    assert verify()[0] == 0
    emptying.drain()
    assert verify()[0] == 0


def test_a_bucket_that_does_not_answer_is_no_loss(photo, gate):
    def denied(request):
        raise Refused("403 Forbidden", "ExpiredToken")

    gate.bad_day = denied
    code, said = verify()
    assert code == 2
    assert "wrong, expired or lack a right" in said
