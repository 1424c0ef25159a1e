"""Which kind of picture a file is, by its first bytes, and whether all of it is there."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Any

# Bytes by which a file is known, and where they are.
Start = tuple[int, bytes]


@dataclass(frozen=True)
class Format:
    """A kind of picture that we read.

    `name` is for people. `pillow`: what Pillow calls it, which may be several. `starts`: any of
    these, each of parts that all have to be there. `brands`: of an ISO base media file, those of
    which it has one.

    `share`: how many of the pixels that a JPEG may have one of this kind may have. It is scaled
    while it is decoded, others are when they are, and take so much more memory.
    """

    name: str
    content_type: str
    suffix: str
    pillow: tuple[str, ...]
    starts: tuple[tuple[Start, ...], ...]
    brands: frozenset[bytes] = frozenset()
    share: float = 1.0


# Brands of ISO/IEC 23008-12 for HEVC-coded pictures. `mif1` alone does not say which codec.
HEIC_BRANDS = frozenset([b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"])
AVIF_BRANDS = frozenset([b"avif", b"avis"])
# The desk's page and its script take from here what they ask for and what they let pass. A new one
# also needs:
# - a reader that Pillow knows, registered as `images` registers the one of HEIF,
# - its end, in `is_whole`,
# - where its notes are, in `stripping.WITHOUT_NOTES`; with a module like `webp` where its container
#   is none of those. Of a kind that is not there guests get the web size instead,
# - a row in docs/formats.md,
# - a picture of its kind in the tests of `images` and `stripping`.
FORMATS = {
    "JPEG": Format("JPEG", "image/jpeg", "jpg", ("JPEG", "MPO"), (((0, b"\xff\xd8\xff"),),)),
    "PNG": Format("PNG", "image/png", "png", ("PNG",), (((0, b"\x89PNG\r\n\x1a\n"),),), share=0.5),
    "WEBP": Format(
        "WebP", "image/webp", "webp", ("WEBP",), (((0, b"RIFF"), (8, b"WEBP")),), share=0.2
    ),
    "HEIF": Format(
        "HEIC", "image/heic", "heic", ("HEIF",), (((4, b"ftyp"),),), HEIC_BRANDS, share=0.3
    ),
    "AVIF": Format(
        "AVIF", "image/avif", "avif", ("AVIF",), (((4, b"ftyp"),),), AVIF_BRANDS, share=0.3
    ),
    "TIFF": Format(
        "TIFF", "image/tiff", "tif", ("TIFF",), (((0, b"II*\0"),), ((0, b"MM\0*"),)), share=0.5
    ),
    "GIF": Format(
        "GIF", "image/gif", "gif", ("GIF",), (((0, b"GIF87a"),), ((0, b"GIF89a"),)), share=0.5
    ),
}
# Most raw files begin like one: their names, or what is in them, tell (`foreign`).
LIKE_RAW = "TIFF"
# Of a JPEG in several scans all coefficients are in memory at once, whatever it is scaled to.
PROGRESSIVE_SHARE = 0.5
SUFFIXES = {known.content_type: known.suffix for known in FORMATS.values()}
# Forms ask for these types. Some systems call HEIC by the name of its family.
ACCEPTED = ",".join([*SUFFIXES, "image/heif"])
# A file's kind is told by so much of its start.
START_BYTES = 256
OTHER_FORMATS = (
    b"II+\0",  # BigTIFF
    b"MM\0+",
    b"BM",
    b"8BPS",
    b"\0\0\1\0",  # ICO
    b"\xff\x0a",  # JPEG XL
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",  # JPEG 2000, in its boxes and without
    b"\xff\x4f\xff\x51",
    b"\x8aMNG",
    b"\x76\x2f\x31\x01",  # OpenEXR
)

# A file's bytes, in memory or mapped into it.
Data = bytes | mmap.mmap


def kind_of(data: Data) -> str | None:
    """A key of `FORMATS`, or None for what we do not read.

    Markup, and so SVG, is no picture to us: it is never rendered.
    """
    return next((kind for kind, known in FORMATS.items() if _is_of(data, known)), None)


def starts() -> dict[str, Any]:
    """How scripts know a file's kind before they send it, as JSON takes it: bytes are numbers."""
    formats = [
        {
            "starts": [[[at, list(part)] for at, part in start] for start in known.starts],
            "brands": sorted(brand.decode() for brand in known.brands),
            "isLikeRaw": kind == LIKE_RAW,
        }
        for kind, known in FORMATS.items()
    ]
    pictures = [list(start) for start in OTHER_FORMATS]
    return {"bytes": START_BYTES, "formats": formats, "pictures": pictures}


def is_other_picture(data: Data) -> bool:
    """Whether it is a picture of a kind that we know by name and do not read."""
    return data[:16].startswith(OTHER_FORMATS) or data[4:8] == b"ftyp"


def is_whole(data: Data, kind: str, start_of_pixels: int) -> bool:
    """Whether the picture's end is there; where that is not known, decoding it tells. What phones
    append after it does not matter."""
    if kind == "JPEG":
        # Within coded pixels 0xFF is always followed by 0; thumbnails lie before the pixels.
        return data.rfind(b"\xff\xd9", start_of_pixels) >= 0
    if kind == "PNG":
        return data.rfind(b"IEND\xaeB`\x82") >= 0
    if kind == "GIF":
        return data[-1:] == b";"
    if kind == "TIFF":  # its pixels are anywhere
        return False
    if kind == "WEBP":
        return len(data) >= int.from_bytes(data[4:8], "little") + 8
    return _boxes_end(data)


def _is_of(data: Data, known: Format) -> bool:
    if not begins(data, known.starts):
        return False
    return not known.brands or bool(brands_of(data) & known.brands)


def begins(data: Data, starts: tuple[tuple[Start, ...], ...]) -> bool:
    return any(all(data[at : at + len(part)] == part for at, part in start) for start in starts)


def brands_of(data: Data) -> set[bytes]:
    """Major and compatible brands of an ISO base media file."""
    box = data[8 : min(int.from_bytes(data[:4]), START_BYTES)]
    return {box[i : i + 4] for i in range(0, len(box), 4)}


def _boxes_end(data: Data) -> bool:
    """Whether every top-level box of an ISO base media file ends within the file."""
    start = 0
    while start + 8 <= len(data):
        size = int.from_bytes(data[start : start + 4])
        if size == 1:  # the real one follows, in 64 bits
            size = int.from_bytes(data[start + 8 : start + 16])
        if size == 0:  # to the end of the file
            return True
        if size < 8:  # something else was appended
            return start > 0
        start += size
    return start <= len(data)
