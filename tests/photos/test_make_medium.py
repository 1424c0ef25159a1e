"""`manage.py make_medium` gives older photos the size that they lack."""

import io

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from photos.gallery import versions
from photos.intake import publishing
from photos.models import Photo
from photos.store import reading
from tests.builders import image_bytes, make_event, make_photo

pytestmark = pytest.mark.django_db


def older(event, **overrides):
    """A photo as it was made ready before there was a medium size."""
    fields = {"has_medium": False, "medium_data": None, "preview_data": image_bytes((2048, 1365))}
    return make_photo(event, **fields | overrides)


def run(**options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("make_medium", stdout=out, stderr=err, **options)
    except CommandError as error:
        return error.returncode, out.getvalue() + err.getvalue() + str(error)
    return 0, out.getvalue()


def test_what_is_missing_is_made_out_of_the_preview_and_only_once(event):
    photo, complete = older(event), make_photo(event)
    kept = reading.read_of(complete, "medium")
    assert run() == (0, "1 made, 0 not\n")
    photo.refresh_from_db()
    made = reading.read_of(photo, "medium")
    assert photo.has_medium
    assert Image.open(io.BytesIO(made)).size == (960, 640)
    assert run() == (0, "0 made, 0 not\n")
    assert reading.read_of(photo, "medium") == made
    assert reading.read_of(complete, "medium") == kept


def test_galleries_learn_of_it(event):
    older(event)
    before = versions.version(event)
    run()
    assert versions.version(event) != before


def test_a_dry_run_counts_what_lacks_it_and_changes_nothing(event):
    older(event)
    older(event, hidden=True)
    older(event, status=Photo.Status.PROCESSING)  # is made with it
    assert run(dry_run=True) == (0, "2 photos lack the medium size\n")
    assert not Photo.objects.filter(has_medium=True).exists()


def test_only_the_event_that_is_named(event):
    mine, others = older(event), older(make_event())
    run(event=event.slug)
    assert list(publishing.without_medium()) == [others]
    assert Photo.objects.get(has_medium=True) == mine
    code, said = run(event="nowhere")
    assert code == 1
    assert "nowhere" in said


@pytest.mark.parametrize(
    ("preview", "what"), [(None, "preview of photo"), (b"\xff\xd8\xff broken", "UnusableImage")]
)
def test_a_preview_that_is_no_good_is_said_and_the_others_are_made(event, preview, what):
    broken, good = older(event, preview_data=preview), older(event)
    code, said = run()
    assert code == 1
    assert f"photo {broken.pk}" in said
    assert what in said
    assert "1 made, 1 not" in said
    assert list(publishing.without_medium()) == [broken]
    assert reading.read_of(good, "medium")
