"""Files of cameras that are no pictures we read, and what people are told of each kind.

Known by their first bytes; by their names where those say too little, as of the raw files that
begin like a TIFF. A picture that we read is one, whatever it is called.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from PIL import TiffImagePlugin

from photos.imaging.formats import Data, Start, begins, brands_of


@dataclass(frozen=True)
class Foreign:
    """`starts`: any of these, each of parts that all have to be there. `brands`: of an ISO base
    media file, those of which it has one."""

    code: str
    starts: tuple[tuple[Start, ...], ...]
    brands: frozenset[bytes]
    suffixes: frozenset[str]


def _kind(code: str, starts: tuple[tuple[Start, ...], ...], brands: str, suffixes: str) -> Foreign:
    named = frozenset(brand.ljust(4).encode() for brand in brands.split())
    return Foreign(code, starts, named, frozenset(suffixes.split()))


KINDS = (
    _kind(
        "raw_file",
        (
            ((0, b"II*\0"), (8, b"CR")),  # CR2
            ((6, b"HEAPCCDR"),),  # CRW
            ((0, b"FUJIFILMCCD-RAW"),),
            ((0, b"IIU\0"),),  # RW2, RWL
            ((0, b"IIRO"),),  # ORF
            ((0, b"IIRS"),),
            ((0, b"MMOR"),),
            ((0, b"FOVb"),),  # X3F
            ((0, b"\0MRM"),),
        ),
        "crx",  # CR3
        "3fr arw cr2 cr3 crw dcr dng erf fff iiq kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl"
        " sr2 srf srw x3f",
    ),
    _kind(
        "video",
        (
            ((0, b"RIFF"), (8, b"AVI ")),
            ((0, b"\x1aE\xdf\xa3"),),  # Matroska, WebM
            ((0, b"0&\xb2u\x8ef\xcf\x11"),),  # WMV
            ((0, b"FLV\1"),),
            ((0, b"\0\0\1\xba"),),  # MPEG
            ((0, b"\0\0\1\xb3"),),
            ((4, b"moov"),),  # QuickTime without a box that says so
            ((4, b"mdat"),),
            ((4, b"wide"),),
        ),
        "qt isom iso2 iso4 iso5 iso6 mp41 mp42 avc1 M4V MSNV mmp4 f4v XAVC dash 3gp4 3gp5 3gp6 3g2a"
        " niko CAEP pana",
        "3gp avi flv insv m2ts m4v mkv mov mp4 mpeg mpg mts webm wmv",
    ),
)
# Tags and values of TIFF 6.0, TIFF/EP and DNG 1.7.
SUBFILE_TYPE, BITS, COMPRESSION, PHOTOMETRIC, MAKE = 254, 258, 259, 262, 271
PLANES, SUB_IFDS, SAMPLE_FORMAT = 284, 330, 339
DNG_VERSION = 50706
OLD_JPEG, WHITE_IS_ZERO, SEPARATE, FLOATING = 6, 0, 2, 3
NUMBERS = {1: "B", 3: "H", 4: "I"}
# A picture has one for each channel at most; more are of pixels' places.
MOST_VALUES = 8
SENSORS = frozenset([32803, 34892])  # a colour filter array, and what it was made linear of
PHOTO_SUFFIXES = (
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "avif", "tif", "tiff",
    "gif", "bmp", "jxl", "jp2", "psd",
)  # fmt: skip
# An ISO base media file with one of these holds pictures, whatever it is compatible with.
PICTURES = frozenset([b"mif1", b"msf1", b"miaf", b"avif", b"avis", b"heic", b"jp2 "])


def of_content(data: Data) -> Foreign | None:
    if _is_raw_tiff(data):
        return KINDS[0]
    return next((kind for kind in KINDS if _is_of(data, kind)), None)


def of_name(name: str) -> Foreign | None:
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    return next((kind for kind in KINDS if suffix in kind.suffixes), None)


def is_called_a_photo(name: str) -> bool:
    """Whether a file's name is that of a picture, or of a raw file."""
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    return suffix in PHOTO_SUFFIXES or suffix in KINDS[0].suffixes


def kinds() -> list[dict[str, Any]]:
    """The same for scripts, as JSON takes it: bytes are numbers."""
    return [
        {
            "code": kind.code,
            "starts": [[[at, list(part)] for at, part in start] for start in kind.starts],
            "brands": sorted(brand.decode() for brand in kind.brands),
            "without": sorted(brand.decode() for brand in PICTURES),
            "suffixes": sorted(kind.suffixes),
        }
        for kind in KINDS
    ]


def is_unread_tiff(data: Data) -> bool:
    """Whether the first page of a TIFF is packed or written in a way that Pillow does not read, or
    takes for another: with fractions, with a plane of 16 bits for each colour, or in 16 bits of
    which 0 is white."""
    tags = _first_page(data)
    packed, bits = tags.get(COMPRESSION) or (1,), tags.get(BITS) or (1,)
    in_planes = tags.get(PLANES) == (SEPARATE,) and max(bits) > 8
    is_negative = tags.get(PHOTOMETRIC) == (WHITE_IS_ZERO,) and max(bits) > 8
    return (
        packed[0] not in TiffImagePlugin.COMPRESSION_INFO
        or FLOATING in tags.get(SAMPLE_FORMAT, ())
        or (len(bits) > 1 and (in_planes or max(bits) > 16))
        or is_negative
    )


def _is_raw_tiff(data: Data) -> bool:
    """Whether the first page of a TIFF says that a camera wrote it: it names itself a DNG, has the
    sensor's own pixels, or is the small copy of a picture that lies deeper in the file."""
    tags = _first_page(data)
    if DNG_VERSION in tags or SENSORS.intersection(tags.get(PHOTOMETRIC, ())):
        return True
    is_copy = any(1 & value for value in tags.get(SUBFILE_TYPE, ()))
    is_copy = is_copy or tags.get(COMPRESSION) == (OLD_JPEG,)
    return is_copy and SUB_IFDS in tags and MAKE in tags


def _first_page(data: Data) -> dict[int, tuple[int, ...]]:
    """The tags of a TIFF's first page with their values, without those that are no whole numbers;
    none of what is no TIFF."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(data[:4]))
    if order is None or len(data) < 8:
        return {}
    (at,) = struct.unpack(f"{order}I", data[4:8])
    if at + 2 > len(data):
        return {}
    (count,) = struct.unpack(f"{order}H", data[at : at + 2])
    tags = {}
    for place in range(at + 2, min(at + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, values = struct.unpack(f"{order}HHI", data[place : place + 8])
        number = struct.Struct(f"{order}{NUMBERS.get(kind, 'B')}")
        size = number.size * min(values if kind in NUMBERS else 0, MOST_VALUES)
        start = place + 8
        if size > 4:
            (start,) = struct.unpack(f"{order}I", data[start : start + 4])
        found = data[start : start + size]
        whole = found[: len(found) // number.size * number.size]
        tags[tag] = tuple(value for (value,) in number.iter_unpack(whole))
    return tags


def _is_of(data: Data, kind: Foreign) -> bool:
    if begins(data, kind.starts):
        return True
    brands = brands_of(data) if data[4:8] == b"ftyp" else set()
    return bool(brands & kind.brands) and not brands & PICTURES
