"""Archives that mean harm, and those that only look odd."""

import io
import struct
import zipfile

import pytest

from photos.imaging.images import UnusableImage
from photos.intake import archives
from photos.intake.archives import UnusableArchive

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


def test_a_bomb_is_not_opened():
    bomb = make_zip({"a.jpg": b"a", "b.jpg": bytes(5_000_000)}, zipfile.ZIP_DEFLATED)
    assert code_of(bomb) == "archive_bomb"


def test_entries_that_share_their_bytes_are_a_bomb():
    """Each entry alone is harmless; together they claim more than the file has."""
    file = make_zip({"a.jpg": bytes(1000), "b.jpg": bytes(1000), "c.jpg": bytes(1000)})
    data = bytearray(file.getvalue())
    for at in _directory_entries(data):
        data[at + 20 : at + 28] = struct.pack("<II", 2500, 2500)
    assert code_of(io.BytesIO(bytes(data))) == "archive_bomb"


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


def test_an_encrypted_entry_and_an_archive_within_say_so():
    data = bytearray(make_zip({"a.jpg": b"a", "b.zip": b"PK"}).getvalue())
    data[_directory_entries(data)[0] + 8] |= archives.ENCRYPTED
    found = read_all(io.BytesIO(bytes(data)))
    assert found == {"x.zip/a.jpg": "encrypted", "x.zip/b.zip": "nested_archive"}


@pytest.mark.parametrize("cut", [0, 1, 30, 60, -1, -10])
def test_an_archive_that_is_cut_off_is_damaged(cut):
    data = make_zip({"a.jpg": b"a" * 100}).getvalue()[:cut]
    assert code_of(io.BytesIO(data)) == "bad_archive"


def test_a_damaged_entry_does_not_spoil_the_others():
    data = bytearray(make_zip({"a.jpg": b"a" * 100, "b.jpg": b"b"}).getvalue())
    data[40] ^= 0xFF  # within the bytes of the first, whose checksum then fails
    found = read_all(io.BytesIO(bytes(data)))
    assert found == {"x.zip/a.jpg": "unreadable", "x.zip/b.jpg": b"b"}


def _directory_entries(data):
    places, at = [], data.find(b"PK\1\2")
    while at >= 0:
        places.append(at)
        at = data.find(b"PK\1\2", at + 1)
    return places
