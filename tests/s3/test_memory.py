"""A large original passes through FindMe in pieces."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from events.models import Event
from photos.models import Photo
from tests.builders import add_member, image_bytes, make_user
from tests.s3.conftest import environment
from tests.workers import ROOT, database_url

pytestmark = [
    pytest.mark.s3,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells"),
]

ORIGINAL_MB = 60
# Parts of 8 MB on their way to the bucket, pieces of 1 MB elsewhere.
MOST_MB = 40
BOUNDARY = "b" * 20
END = b"\xff\xd9"  # of a JPEG


@pytest.fixture
def body(tmp_path):
    """The upload page's form with one photo: a small picture that codes on and on."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
    )
    picture = image_bytes((3000, 2000))
    path = tmp_path / "body"
    with path.open("wb") as file:
        file.write(head.encode() + picture.removesuffix(END))
        for _ in range(ORIGINAL_MB - 1):
            file.write(os.urandom(2**20).replace(b"\xff", b"\0"))
        file.write(END + f"\r\n--{BOUNDARY}--\r\n".encode())
    return path


@pytest.mark.parametrize("first", ["database", "s3"])
def test_memory_stays_flat_while_a_large_original_is_uploaded_moved_and_downloaded(
    bucket_name, options, event, organizer, as_user, body, first, record_property
):
    Event.objects.update(downloads=Event.Downloads.ORIGINAL)
    session = as_user(photographer(event)).cookies["sessionid"].value
    arguments = [body, BOUNDARY, event.pk, event.slug, session, first]
    grown = probe(arguments, MEDIA_STORE=first, **environment(options))
    record_property("megabytes", grown)
    assert len(grown) == (9 if first == "s3" else 8)  # browsers send straight to a bucket
    assert max(grown.values()) < MOST_MB, grown
    assert Photo.objects.get().byte_size > (ORIGINAL_MB - 1) * 2**20


def photographer(event):
    """A photographer: may upload, and downloads as guests do."""
    user = make_user("Pia", is_staff=True)
    add_member(event, user, "photographer")
    return user


def probe(arguments, **more):
    result = subprocess.run(
        [sys.executable, "tests/s3/memory_probe.py", *map(str, arguments)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "findme.settings",
            "LOG_LEVEL": "WARNING",
            **more,
        },
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])
