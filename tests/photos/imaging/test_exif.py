"""What took a picture: read from the camera's notes, never trusted."""

from __future__ import annotations

import pytest

from photos.imaging import images
from photos.imaging.exif import Device
from tests.photos.imaging.pictures import corners, encoded, of_camera


def device(exif: object, kind: str = "JPEG") -> Device | None:
    data = encoded(corners(), kind, exif=exif)
    return images.inspect(data, max_bytes=10**7, max_megapixels=50).device


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_make_model_and_serial_are_read_from_every_format(kind: str) -> None:
    found = device(of_camera("Canon", "Canon EOS R5", "012345"), kind)
    assert found == Device("Canon", "Canon EOS R5", "012345")


def test_an_older_serial_number_counts_where_there_is_no_other() -> None:
    notes = of_camera("Leica", "M9")
    notes[0xC62F] = "987"
    assert device(notes) == Device("Leica", "M9", "987")
    notes.get_ifd(0x8769)[0xA431] = "new"
    assert device(notes) == Device("Leica", "M9", "new")


def test_names_are_one_clean_line_of_sixty_letters() -> None:
    found = device(of_camera("  NIKON\nCORP\x00\x00", "Z" * 200 + " ", "\x07 1 \x07"))
    assert found == Device("NIKON CORP", "Z" * 60, "1")


@pytest.mark.parametrize("exif", [of_camera(), of_camera(" \x00"), b"Exif\0\0nonsense"])
def test_notes_that_name_nothing_are_no_camera(exif: object) -> None:
    assert device(exif) is None
