"""Files that are not built as they should: the copy shows what the original does, or there is none.

Never less: a decoder reads on behind what it does not understand, and so must who copies.
"""

from __future__ import annotations

import io
import random
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from photos.imaging.stripping import Unstrippable, strip
from tests.photos.imaging.test_stripping import photo_of

SEED = 2026
MARKERS = [0x00, 0x01, 0x9F, 0xD0, 0xD3, 0xD8, 0xD9, 0xDA, 0xDC, 0xE1, 0xF7, 0xFE, 0xFF]
RESTARTS = {"restart_marker_blocks": 2}


def jpeg(**save: object) -> bytes:
    return photo_of("JPEG", size=(64, 48), subsampling=0, **save)


def at_restart(data: bytes, number: int, inserted: bytes, replaced: int = 0) -> bytes:
    """The JPEG with bytes put before one of its restart markers, or in its place."""
    place = data.index(bytes([0xFF, 0xD0 + number]), data.index(b"\xff\xda"))
    return data[:place] + inserted + data[place + replaced :]


def before(data: bytes, marker: int, inserted: bytes) -> bytes:
    place = data.index(bytes([0xFF, marker]))
    return data[:place] + inserted + data[place:]


def seen(data: bytes, kind: str) -> list[np.ndarray] | None:
    """All that a decoder makes of it. libjpeg warns of damages, and goes on."""
    if kind == "JPEG":
        flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        return None if pixels is None else [pixels]
    try:
        with Image.open(io.BytesIO(data)) as image:
            return [frame(image, number) for number in range(getattr(image, "n_frames", 1))]
    except Exception:  # noqa: BLE001 - decoders raise what they like
        return None


def frame(image: Image.Image, number: int) -> np.ndarray:
    image.seek(number)
    return np.asarray(image)


def is_same(one: list[np.ndarray], other: list[np.ndarray] | None) -> bool:
    return other is not None and len(one) == len(other) and all(map(np.array_equal, one, other))


STRANGE = {
    "an invalid marker in place of a restart": at_restart(jpeg(**RESTARTS), 3, b"\xff\x9f", 2),
    "an invalid marker between restarts": at_restart(jpeg(**RESTARTS), 2, b"\xff\x01\xff\x9f"),
    "fill bytes before a restart": at_restart(jpeg(**RESTARTS), 2, b"\xff\xff"),
    "fill bytes in a stuffed one": jpeg()[:-40] + b"\xff\xff\x00" + jpeg()[-40:],
    "fill bytes before segments": before(before(jpeg(), 0xC0, b"\xff"), 0xDA, b"\xff\xff\xff"),
    "fill bytes before the end": jpeg()[:-2] + b"\xff\xff\xff\xd9",
    "a restart too many": at_restart(jpeg(**RESTARTS), 5, b"\xff\xd4"),
    "a number of lines behind the pixels": jpeg()[:-2] + b"\xff\xdc\0\x04\0\x30\xff\xd9",
    "many scans": jpeg(progressive=True, **RESTARTS),
    "an invalid marker in one of many scans": at_restart(
        jpeg(progressive=True, **RESTARTS), 1, b"\xff\xbf"
    ),
    "a comment between scans": before(
        jpeg(progressive=True), 0xDA, struct.pack(">BBH", 255, 254, 9) + b"COMMENT"
    ),
}
DAMAGED = {
    "a comment within the pixels": at_restart(
        jpeg(**RESTARTS), 2, struct.pack(">BBH", 255, 254, 9) + b"COMMENT"
    ),
    "a length within the pixels": at_restart(jpeg(**RESTARTS), 2, b"\xff\xe1\0\x20"),
    "bytes between segments": before(jpeg(), 0xC0, b"between"),
    "a zero between segments": before(jpeg(), 0xDA, b"\0"),
    "a stuffed byte between segments": before(jpeg(), 0xDA, b"\xff\0"),
    "a restart between segments": before(jpeg(), 0xDA, b"\xff\xd1"),
    "a marker that is none": before(jpeg(), 0xC0, b"\xff\x9f\0\x04ab"),
    "a segment of no known use": before(jpeg(), 0xC0, b"\xff\xf7\0\x0dSECRET-LINE"),
    "a picture within": before(jpeg(), 0xDA, b"\xff\xd8"),
    "a segment shorter than its length": before(jpeg(), 0xDA, b"\xff\xfe\0\0"),
    "more segments than any picture": before(jpeg(), 0xC0, b"\xff\xfe\0\2" * 2**14),
    "no end": jpeg()[:-2],
    "no end, and a film behind": jpeg()[:-2] + b"ftypmp42 film",
    "half of it": jpeg()[: len(jpeg()) // 2],
    "half of many scans": jpeg(progressive=True)[: len(jpeg(progressive=True)) // 2],
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
def test_a_strange_jpeg_is_copied_with_all_its_pixels(data):
    original = seen(data, "JPEG")
    assert original is not None
    assert is_same(original, seen(strip(data), "JPEG"))
    assert b"COMMENT" not in strip(data)


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_jpeg_with_bytes_that_nobody_knows_is_refused(data):
    with pytest.raises(Unstrippable):
        strip(data)


def animated(kind: str) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (3, 32, 40, 3), np.uint8)
    first, *others = map(Image.fromarray, noise)
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=others, exif=b"Exif\0\0rubbish")
    return out.getvalue()


def small(kind: str, **save: object) -> bytes:
    return photo_of(kind, size=(40, 32), **save)


# Kind, a file, and up to where it is damaged: behind the boxes of a HEIC are only pixels and notes.
VICTIMS = {
    "JPEG": ("JPEG", jpeg(), None),
    "JPEG with restarts": ("JPEG", jpeg(**RESTARTS), None),
    "JPEG of many scans": ("JPEG", jpeg(progressive=True), None),
    "JPEG of many scans with restarts": ("JPEG", jpeg(progressive=True, **RESTARTS), None),
    "JPEG for printers": ("JPEG", jpeg(mode="CMYK"), None),
    "PNG": ("PNG", small("PNG"), None),
    "PNG, animated": ("PNG", animated("PNG"), None),
    "WebP": ("WEBP", small("WEBP"), None),
    "WebP with alpha": ("WEBP", small("WEBP", mode="RGBA"), None),
    "WebP, animated": ("WEBP", animated("WEBP"), None),
    "HEIC": ("HEIF", photo_of("HEIF", size=(64, 64)), 540),
}


def damaged(data: bytes, until: int | None, chance: random.Random) -> bytes:
    """Bits flipped, bytes put in and left out, and markers; now and then only the start of it."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(12, until or len(out))
        what = chance.randrange(4)
        if what == 0:
            out[place] ^= 1 << chance.randrange(8)
        elif what == 1:
            out[place:place] = chance.randbytes(chance.randint(1, 4))
        elif what == 2:
            del out[place : place + chance.randint(1, 4)]
        else:
            out[place:place] = bytes([0xFF, chance.choice(MARKERS)])
    if chance.random() < 0.1:
        del out[chance.randrange(13, len(out)) :]
    return bytes(out)


@pytest.mark.parametrize("name", VICTIMS)
def test_what_a_damaged_file_shows_its_copy_shows_too(name):
    """The same ones in every run, by a seed. Whoever looks for more changes it."""
    kind, whole, until = VICTIMS[name]
    chance, compared = random.Random(f"{SEED} {name}"), 0
    for _ in range(600):
        data = damaged(whole, until, chance)
        try:
            stripped = strip(data)
        except Unstrippable:
            continue
        original = seen(data, kind)
        if original is not None:
            compared += 1
            assert is_same(original, seen(stripped, kind))
    assert compared or kind == "PNG"  # whose checksums let hardly one be read
