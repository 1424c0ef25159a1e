"""Things that are almost right, the same in every run."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.builders import image_bytes

TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "-1",
    "0",
    "1e400",
    "nan",
    "9" * 400,
    "٣",
    "²",
    "%00",
    "../../..",
    "'\"><script>",
    "é中🙂",
    "\ud800",
    "\u202e",
    "x" * 3000,
    "1781956800.000000~1",
    "99999999999999.0~1",
    "-99999999999.0~-1",
    "1781956800.9999999~9223372036854775808",
    "true",
    "[]",
    "2026-06-20",
]
NUMBERS = [0, -1, 1, 2**31, 2**63, 2**64, 10**400, 0.5, 1e308]
EXIF = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"


def texts(chance: random.Random, seeds: list[str]) -> str:
    """A known text, a nasty one, or one of both cut and joined."""
    words = seeds + TEXTS
    one, other = chance.choice(words), chance.choice(words)
    cut = chance.randrange(len(one) + 1)
    return chance.choice([one, one[:cut] + other, one[:cut], other])


def bytes_of(chance: random.Random, whole: bytes) -> bytes:
    """Changed, cut, doubled, or put together of other pieces."""
    data = bytearray(whole)
    for _ in range(chance.choice([0, 1, 1, 2, 4, 16])):
        place = chance.randrange(len(data))
        size = chance.choice([1, 1, 2, 4])
        worst = chance.choice([b"\0" * size, b"\xff" * size, chance.randbytes(size)])
        data[place : place + chance.choice([0, size])] = worst
    end = chance.randrange(len(data)) if chance.random() < 0.2 else len(data)
    return bytes(data[:end])


def pictures(chance: random.Random, count: int) -> Iterator[bytes]:
    """JPEG, PNG, WebP and HEIC that somebody has tampered with, mostly their headers."""
    size = (96, 88)
    kinds: list[dict[str, Any]] = [
        {"kind": "JPEG", "exif": EXIF},
        {"kind": "JPEG", "progressive": True},
        {"kind": "PNG", "mode": "RGBA"},
        {"kind": "PNG", "mode": "P"},
        {"kind": "WEBP", "exif": EXIF},
        {"kind": "WEBP", "lossless": True, "mode": "RGBA"},
        {"kind": "HEIF", "quality": 30},
    ]
    wholes = [image_bytes(size, **kind) for kind in kinds]
    for _ in range(count):
        whole = chance.choice(wholes)
        head = whole[: chance.choice([40, 200, len(whole)])]
        yield bytes_of(chance, head) + whole[len(head) :]


def values(chance: random.Random, seeds: list[str], depth: int = 0) -> Any:
    """Anything that JSON can say."""
    makers: list[Callable[[], Any]] = [
        lambda: texts(chance, seeds),
        lambda: chance.choice(NUMBERS),
        lambda: chance.choice([None, True, False]),
    ]
    if depth < 3:
        makers += [
            lambda: [values(chance, seeds, depth + 1) for _ in range(chance.randrange(4))],
            lambda: {
                chance.choice(seeds): values(chance, seeds, depth + 1)
                for _ in range(chance.randrange(4))
            },
        ]
    return chance.choice(makers)()


def json_bodies(chance: random.Random, count: int, whole: dict[str, Any]) -> Iterator[bytes]:
    """A right body with something else in one of its places; some are no JSON any more."""
    names = [*whole, "metadata", "parts", "PartNumber", "ETag", "size", "sha256"]
    for _ in range(count):
        asked = json.loads(json.dumps(whole))
        place = chance.choice([asked, *(v for v in asked.values() if isinstance(v, dict))])
        place[chance.choice([*place, *names])] = values(chance, names)
        body = json.dumps(chance.choice([asked, asked, asked, values(chance, names)])).encode()
        yield bytes_of(chance, body) if chance.random() < 0.3 else body


def multipart(chance: random.Random, fields: dict[str, str], name: str, data: bytes) -> bytes:
    """A form with a file, broken somewhere; its boundary is `b`."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n\r\n'
    whole = b"".join([*parts, head.encode(), data, b"\r\n--b--\r\n"])
    return bytes_of(chance, whole)
