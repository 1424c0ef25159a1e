"""Raw files and videos are told by their bytes, or by their names where those say too little."""

from __future__ import annotations

import pytest

from photos.imaging import foreign, images
from photos.imaging.images import UnusableImage
from tests.builders import image_bytes


def box(*brands: bytes) -> bytes:
    return (8 + 4 * len(brands)).to_bytes(4) + b"ftyp" + b"".join(brands)


def code_of(data: bytes, name: str = "") -> str:
    with pytest.raises(UnusableImage) as refused:
        images.inspect(data.ljust(400, b"0"), max_bytes=10**6, max_megapixels=50)
    return refused.value.told_by(name).code


@pytest.mark.parametrize(
    "data",
    [
        b"FUJIFILMCCD-RAW 0201",
        b"IIU\0\x08\0\0\0",
        b"IIRO\x08\0\0\0",
        b"II*\0\x10\0\0\0CR\x02\0",
        box(b"crx ", b"\0\0\0\1", b"crx ", b"isom"),
        b"FOVb",
    ],
)
def test_raw_files_are_told_by_their_bytes(data):
    assert code_of(data, "DSC_1.jpg") == "raw_file"


@pytest.mark.parametrize(
    "data",
    [
        box(b"qt  ", b"\0\0\0\0", b"qt  "),
        box(b"isom", b"\0\0\2\0", b"isom", b"mp41"),
        b"RIFF\x10\0\0\0AVI LIST",
        b"\x1aE\xdf\xa3\x01",
        b"\0\0\0\x08wide\0\0\0\0mdat",
    ],
)
def test_videos_are_told_by_their_bytes(data):
    assert code_of(data) == "video"


@pytest.mark.parametrize("name", ["DSC_1.NEF", "a/b/DSC1.arw", "L100.DNG", "x.zip/IMG.Dng"])
def test_raw_files_that_begin_like_a_tiff_are_told_by_their_names(name):
    assert code_of(b"II*\0\x08\0\0\0") == "unsupported_format"
    assert code_of(b"II*\0\x08\0\0\0", name) == "raw_file"
    assert code_of(b"nothing known", "clip.MTS") == "video"
    assert code_of(b"nothing known", "notes.txt") == "not_an_image"


@pytest.mark.parametrize("brands", [(b"avif", b"mif1", b"iso8"), (b"avis", b"msf1", b"iso5")])
def test_pictures_that_we_do_not_read_are_no_videos(brands):
    assert code_of(box(*brands)) == "unsupported_format"


def test_a_picture_is_one_whatever_it_is_called():
    images.inspect(image_bytes(), max_bytes=10**6, max_megapixels=50)
    truncated = image_bytes()[:-200]
    assert UnusableImage("truncated").told_by("DSC_1.NEF").code == "truncated"
    assert foreign.of_content(truncated) is None
