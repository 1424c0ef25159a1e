"""Raw files and videos are told by their bytes, or by their names where those say too little."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

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


def tiff(*tags: tuple[int, int, int], order: str = "<") -> bytes:
    """The first page of a TIFF: tag, type and value of each entry."""
    start = b"II*\0" if order == "<" else b"MM\0*"
    page = struct.pack(f"{order}H", len(tags))
    for tag, kind, value in tags:
        size = "HH" if kind == 3 else "I"
        page += struct.pack(
            f"{order}HHI{size}", tag, kind, 1, *([value, 0] if kind == 3 else [value])
        )
    return start + struct.pack(f"{order}I", 8) + page


SHORT, LONG, TEXT = 3, 4, 2


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    "tags",
    [
        [(254, LONG, 1), (271, TEXT, 200), (330, LONG, 300), (50706, LONG, 0x01040000)],
        [(254, LONG, 1), (259, SHORT, 1), (271, TEXT, 200), (330, LONG, 300)],  # NEF
        [(259, SHORT, 6), (271, TEXT, 200), (330, LONG, 300)],  # ARW
        [(254, LONG, 0), (262, SHORT, 32803), (271, TEXT, 200)],  # PEF
        [(262, SHORT, 34892)],
    ],
)
def test_raw_files_that_begin_like_a_tiff_are_told_by_their_first_page(tags, order):
    assert code_of(tiff(*tags, order=order), "photo.tif") == "raw_file"


@pytest.mark.parametrize(
    "data",
    [
        tiff((254, LONG, 0), (262, SHORT, 2), (271, TEXT, 200), (330, LONG, 300)),
        tiff((254, LONG, 1), (262, SHORT, 2)),
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff",
        b"MM\0*",
    ],
)
def test_other_tiffs_are_none(data):
    assert foreign.of_content(data) is None
    assert foreign.of_content(data.ljust(400, b"\0")) is None


@pytest.mark.parametrize("name", ["DSC_1.NEF", "a/b/DSC1.arw", "L100.DNG", "x.zip/IMG.Dng"])
def test_raw_files_that_begin_like_a_tiff_are_told_by_their_names(name):
    data = io.BytesIO()
    Image.new("RGB", (160, 120)).save(data, "TIFF")
    limits = {"max_bytes": 10**6, "max_megapixels": 50}
    assert images.inspect(data.getvalue(), **limits, name="scan.tif").format == "TIFF"
    with pytest.raises(UnusableImage, match="raw_file"):
        images.inspect(data.getvalue(), **limits, name=name)


def test_names_tell_where_bytes_do_not():
    assert code_of(b"nothing known", "clip.MTS") == "video"
    assert code_of(b"nothing known", "notes.txt") == "not_an_image"


def test_a_picture_is_one_whatever_it_is_called():
    images.inspect(image_bytes(), max_bytes=10**6, max_megapixels=50)
    truncated = image_bytes()[:-200]
    assert UnusableImage("truncated").told_by("DSC_1.NEF").code == "truncated"
    assert foreign.of_content(truncated) is None
