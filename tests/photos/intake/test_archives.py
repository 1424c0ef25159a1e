"""Archives that mean harm, and those that only look odd."""

import base64
import io
import json
import zipfile

import pytest

from photos.imaging.images import UnusableImage
from photos.intake import archives
from photos.intake.archives import UnusableArchive
from tests.photos.intake import zips

LIMIT = 10_000_000


def make_zip(entries, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out


def read_all(file):
    """Names with what reading gave: bytes, or a code."""
    found = {}
    for source in archives.entries(file, "x.zip"):
        try:
            found[source.name] = source.read(LIMIT)
        except UnusableImage as error:
            found[source.name] = error.code
    return found


def code_of(file):
    with pytest.raises(UnusableArchive) as refused:
        list(archives.entries(file, "x.zip"))
    return refused.value.code


def test_nested_folders_are_read_and_paths_that_lead_outside_are_only_labels():
    entries = {"a/b/c/1.jpg": b"1", "../../etc/2.jpg": b"2", "/3.jpg": b"3", "C:\\4.jpg": b"4"}
    assert sorted(read_all(make_zip(entries)).values()) == [b"1", b"2", b"3", b"4"]


def test_what_computers_add_is_left_out():
    entries = {"__MACOSX/._1.jpg": b"", ".DS_Store": b"", "a/Thumbs.db": b"", "1.jpg": b"1"}
    assert read_all(make_zip(entries)) == {"x.zip/1.jpg": b"1"}


def test_ten_thousand_entries_are_fine_and_too_many_are_refused_unread(monkeypatch):
    file = make_zip({f"{n}.jpg": b"x" for n in range(10_000)})
    assert len(read_all(file)) == 10_000
    monkeypatch.setattr(archives, "MAX_ENTRIES", 9_999)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert code_of(file) == "too_many_entries"


def test_the_number_of_entries_is_read_from_large_archives_too(monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    file = make_zip({f"{n}.jpg": b"x" for n in range(5)})
    assert archives._declared(file)[0] == 5


@pytest.mark.parametrize("cut", [0, 1, 30, 60, -1, -10])
def test_an_archive_that_is_cut_off_is_damaged(cut):
    data = make_zip({"a.jpg": b"a" * 100}).getvalue()[:cut]
    assert code_of(io.BytesIO(data)) == "bad_archive"


@pytest.mark.parametrize("case", json.loads(zips.TABLE.read_text("utf-8")), ids=lambda c: c["name"])
def test_it_is_said_of_each_archive_what_the_browsers_reader_says(case):
    """upload/archives.test.js, with the same table."""
    file, found = io.BytesIO(base64.b64decode(case["zip"])), []
    if "code" in case:
        assert code_of(file) == case["code"]
        return
    for source in archives.entries(file, "x.zip"):
        try:
            source.read(1000)
        except UnusableImage as error:
            found.append([source.name.removeprefix("x.zip/"), error.code])
        else:
            found.append([source.name.removeprefix("x.zip/"), None])
    assert found == case["entries"]


def test_the_table_is_what_the_cases_make():
    """Written anew by `python -m tests.photos.intake.zips`; how zlib packs may differ."""
    without = [{**case, "zip": ""} for case in zips.cases()]
    kept = json.loads(zips.TABLE.read_text("utf-8"))
    assert [{**case, "zip": ""} for case in kept] == without
