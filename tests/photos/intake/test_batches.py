"""What a browser began to send is remembered, and which of it is missing, until nothing is."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from events import audit
from events.models import Membership
from photos.imaging.images import UnusableImage
from photos.intake import batches, ingest, sources
from photos.intake.hot_folder import HotFolder
from photos.models import Photo, UploadBatch
from tests.builders import add_member, image_bytes, make_event, make_photo, make_scan, make_user

pytestmark = pytest.mark.django_db

LEFT = "Files still to be sent: 222 of 300."
AGAIN = "Drop the folder again to send the rest."
# Fingerprints of twelve files, of which the first four arrived.
TWELVE = list(range(12))
CAME, REST = TWELVE[:4], TWELVE[4:]


@pytest.fixture
def client(as_user, organizer):
    return as_user(organizer)


@pytest.fixture
def photographers(event):
    people = [make_user("Paula"), make_user("Piet")]
    for one in people:
        add_member(event, one, Membership.Role.PHOTOGRAPHER)
    return people


def address(event, name):
    return reverse(f"admin:photos_photo_{name}", args=[event.pk])


def tell(client, event, **said):
    return client.post(address(event, "batch"), said, content_type="application/json")


def begin(client, event, files, *, settled=()):
    """What a page says first of a drop. Returns the id of the batch."""
    missing = [file for file in files if file not in settled]
    said = {"files": len(files), "missing": missing, "settled": list(settled)}
    return tell(client, event, **said).json()["batch"]


def leave_four_of_twelve(client, event):
    batch = begin(client, event, TWELVE)
    tell(client, event, batch=batch, settled=CAME)
    fall_silent()
    assert missing_of_each() == [REST]


def missing_of_each():
    return [batch.missing for batch in UploadBatch.objects.order_by("pk")]


def fall_silent():
    UploadBatch.objects.update(heard_at=timezone.now() - timedelta(minutes=3))


def test_a_tab_closed_too_early_is_told_of_wherever_progress_is(client, event):
    make_scan(make_photo(event), state="done")
    assertContains(client.get(address(event, "progress")), "All photos are looked at.")
    begin(client, event, range(300), settled=range(78))
    progress = address(event, "progress")
    assertContains(client.get(progress), LEFT)
    assertNotContains(client.get(progress), "All photos are looked at.")
    for only_later in (AGAIN, "Forget it"):
        assertNotContains(client.get(progress), only_later)
    fall_silent()
    event_page = reverse("admin:events_event_change", args=[event.pk])
    for page in (progress, address(event, "upload"), event_page):
        for words in (LEFT, AGAIN, "Forget it"):
            assertContains(client.get(page), words)
    assertContains(client.get(progress), '<progress max="223"')


def test_the_same_folder_again_finishes_the_batch(client, event):
    make_photo(event)
    leave_four_of_twelve(client, event)
    again = begin(client, event, TWELVE)
    assert missing_of_each() == [TWELVE]
    tell(client, event, batch=again, settled=CAME)
    tell(client, event, batch=again, settled=REST)
    assert missing_of_each() == []
    assertContains(client.get(address(event, "progress")), '<progress max="1"')


def test_a_folder_with_one_more_file_takes_the_batch_over(client, event):
    leave_four_of_twelve(client, event)
    begin(client, event, [99, *TWELVE])
    assert missing_of_each() == [[99, *TWELVE]]


def test_what_is_settled_before_the_first_word_counts_too(client, event):
    leave_four_of_twelve(client, event)
    begin(client, event, [99, *TWELVE], settled=[4, 5])
    assert missing_of_each() == [[99, *CAME, *REST[2:]]]


def test_a_colleague_sends_the_rest_in_two_sets(as_user, client, event, photographers):
    leave_four_of_twelve(client, event)
    paula = as_user(photographers[0])
    batch = begin(paula, event, REST[:3])
    assert missing_of_each() == [REST, REST[:3]]
    tell(paula, event, batch=batch, settled=REST[:3])
    assert missing_of_each() == [REST[3:]]
    batch = begin(paula, event, REST[3:])
    assert UploadBatch.objects.get().user == photographers[0]
    tell(paula, event, batch=batch, settled=REST[3:])
    assert missing_of_each() == []


def test_what_the_event_has_already_is_not_missing(client, event):
    there = make_photo(event)
    file = batches.fingerprint(there.name, there.byte_size)
    assert begin(client, event, [file]) is None
    begin(client, event, [file, 5])
    assert missing_of_each() == [[5]]


def test_a_page_whose_files_were_all_there_helps_other_batches(client, event):
    leave_four_of_twelve(client, event)
    assert tell(client, event, batch=None, settled=REST).json() == {"batch": None}
    assert missing_of_each() == []


def test_files_that_come_by_other_ways_end_a_silent_batch(client, event, organizer):
    data = image_bytes()
    begin(client, event, [batches.fingerprint("é.jpg", len(data)), 7])
    ingest.ingest(event=event, data=data, name="card/e\u0301.jpg", uploader=organizer)
    batches.sweep()
    assert len(UploadBatch.objects.get().missing) == 2  # its page tells by itself
    fall_silent()
    batches.sweep()
    assert missing_of_each() == [[7]]
    tell(client, event, batch=None, settled=[7])
    assert missing_of_each() == []


@pytest.fixture
def folder(tmp_path):
    """A new photo, a second copy of it, one that is none, and one that is too large."""
    data = image_bytes()
    (tmp_path / "with  two spaces.jpg").write_bytes(data)
    (tmp_path / "x copy.jpg").write_bytes(data)
    (tmp_path / "x broken.jpg").write_bytes(data[: len(data) // 2])
    (tmp_path / "x large.jpg").write_bytes(data + bytes(1000))
    return tmp_path


def in_page(path):
    return batches.fingerprint(ingest.clean_name(path.name), path.stat().st_size)


def import_it(folder, event, client):
    with suppress(CommandError):  # some are refused
        call_command("import_photos", event.slug, str(folder), stderr=StringIO(), verbosity=0)


def watch_it(folder, event, client):
    hot = HotFolder(folder, event, None, settle_seconds=0)
    assert hot.poll(0, stopped=lambda: False).total() == 4


def post_it(folder, event, client):
    files = [SimpleUploadedFile(each.name, each.read_bytes()) for each in sorted(folder.iterdir())]
    client.post(address(event, "upload"), {"photos": files})


def post_an_archive(folder, event, client):
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(folder.iterdir()):
            zipped.write(path, f"card/{path.name}")
    sent = SimpleUploadedFile("all.zip", archive.getvalue())
    client.post(address(event, "upload"), {"photos": sent})


@pytest.mark.parametrize("way", [import_it, watch_it, post_it, post_an_archive])
def test_files_that_leave_no_photo_of_their_name_end_a_batch(client, event, folder, settings, way):
    settings.PHOTO_MAX_BYTES = len(image_bytes()) + 500
    begin(client, event, [*map(in_page, folder.iterdir()), 7])
    way(folder, event, client)
    fall_silent()
    batches.sweep()
    assert missing_of_each() == [[7]]
    assert Photo.objects.get().name == "with two spaces.jpg"


def test_what_is_only_looked_at_or_cannot_be_read_stays_missing(client, event, folder):
    (folder / "with  two spaces.jpg").unlink()
    files = sorted(map(in_page, folder.iterdir()))
    begin(client, event, files)
    with suppress(CommandError):
        call_command("import_photos", event.slug, str(folder), dry_run=True, stderr=StringIO())
    source = sources.of_file(folder / "x large.jpg")
    (folder / "x large.jpg").unlink()
    with pytest.raises(UnusableImage):
        ingest.read(source, event)
    assert missing_of_each() == [files]


def test_files_of_another_event_change_nothing(as_user, client, event, organizer):
    leave_four_of_twelve(client, event)
    other = make_event()
    add_member(other, organizer, Membership.Role.ORGANIZER)
    begin(client, other, TWELVE, settled=TWELVE)
    tell(client, other, batch=None, settled=TWELVE)
    assert missing_of_each() == [REST]


def test_a_sign_of_life_is_of_its_own_batch_alone(as_user, client, event, photographers):
    batch = begin(client, event, TWELVE)
    fall_silent()
    tell(as_user(photographers[0]), event, batch=batch, settled=[])
    assert not batches.unfinished(event)[0].is_under_way
    tell(client, event, batch=batch, settled=[])
    assert batches.unfinished(event)[0].is_under_way


def test_the_fingerprint_is_the_one_that_pages_make():
    # The same numbers are in upload/batches.test.js.
    assert batches.fingerprint("DSC_0001.JPG", 5_000_000) == 3460440856001033
    assert batches.fingerprint("été.jpg", 7) == 33712351671
    assert batches.fingerprint("photo", 7) == 30412342296


@pytest.mark.parametrize(
    "name",
    [
        "with  two spaces.jpg",
        "a\\ with\ttwo\u00a0\u2003spaces.jpg\n",
        "with\x1ctwo\x85spaces.jpg",
        "\ufeffwith two\u202e\x00 \u00adspaces.jpg\ud800",
    ],
)
def test_names_are_cleaned_as_pages_do(name):
    # The same names are in upload/batches.test.js.
    assert ingest.clean_name(name) == "with two spaces.jpg"


def test_how_many_batches_there_are_costs_no_statement(client, event, organizer):
    def statements():
        with CaptureQueriesContext(connection) as seen:
            batches.unfinished(event)
            batches.settle(event=event, files=[999])
        return len(seen)

    begin(client, event, [1])
    first = statements()
    begin(client, event, [2])
    begin(client, event, [3])
    assert statements() == first


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"settled": []},
        {"settled": [], "missing": []},
        {"settled": [], "missing": [1], "files": 0},
        {"settled": [], "missing": [1], "files": 10**9},
        {"settled": [], "missing": [1], "files": True},
        {"settled": [], "missing": None, "files": 1},
        {"settled": [], "missing": "1", "files": 1},
        {"settled": [], "missing": ["1"], "files": 1},
        {"settled": [], "missing": [[1]], "files": 1},
        {"settled": [], "missing": [2**53], "files": 1},
        {"settled": [-1], "missing": [1], "files": 1},
        {"settled": [1.5], "missing": [1], "files": 1},
        {"settled": {}, "missing": [1], "files": 1},
        {"settled": [0] * 20_001, "missing": [1], "files": 1},
        {"settled": [], "batch": "1"},
        {"settled": [], "batch": -1},
        {"settled": [], "batch": 2**63},
        [],
        "settled",
        None,
    ],
)
def test_what_no_page_of_ours_says_is_refused(client, event, said):
    answer = client.post(address(event, "batch"), said, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert not UploadBatch.objects.exists()


def test_as_many_files_as_a_page_tells_of_are_taken(client, event):
    begin(client, event, range(2**53 - 20_000, 2**53))
    assert len(UploadBatch.objects.get().missing) == 20_000


def test_a_batch_is_forgotten_by_its_own_and_by_organizers(as_user, client, event, photographers):
    paula, piet = map(as_user, photographers)
    begin(paula, event, TWELVE)
    fall_silent()
    batch = {"batch": UploadBatch.objects.get().pk}
    assertNotContains(piet.get(address(event, "progress")), "Forget it")
    assert piet.post(address(event, "forget_batch"), batch).status_code == 403
    assertContains(client.get(address(event, "progress")), "<strong>Paula</strong>")
    said = paula.post(address(event, "forget_batch"), batch, follow=True)
    assertContains(said, "The photos that arrived stay.")
    assert client.post(address(event, "forget_batch"), batch).status_code == 302
    begin(paula, event, TWELVE)
    client.post(address(event, "forget_batch"), {"batch": UploadBatch.objects.get().pk})
    assert not UploadBatch.objects.exists()


def test_the_log_says_once_who_had_which_upload_forgotten(client, event, organizer, photographers):
    batch = UploadBatch.objects.create(event=event, user=photographers[0], files=12, missing=REST)
    for _ in range(2):
        batches.forget(batch, by=organizer)
    (line,) = (line for line in audit.lines(audit.entries(event)) if "upload" in line.what)
    assert line.who == str(organizer)
    assert line.what == "Had an unfinished upload of Paula forgotten; files not sent: 8"


def test_batches_are_forgotten_after_a_month(client, event):
    begin(client, event, TWELVE)
    batches.sweep()
    assert UploadBatch.objects.exists()
    UploadBatch.objects.update(begun_at=timezone.now() - timedelta(days=31))
    assert batches.unfinished(event) == []
    batches.sweep()
    assert not UploadBatch.objects.exists()
