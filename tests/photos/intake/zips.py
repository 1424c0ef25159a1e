"""Archives as computers and mischief make them, byte by byte, and what has to be said of each.

`python -m tests.photos.intake.zips`, and prettier, write the table that the tests of both readers
share: the server's (test_archives.py) and the uploader's script (upload/archives.test.js).
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "upload" / "archives.json"
DOS, UNIX = 0, 3
STORED, DEFLATED, DEFLATE64, BZIP2, LZMA, ZSTD, AES = 0, 8, 9, 12, 14, 93, 99
ENCRYPTED, DESCRIPTOR, UTF8 = 0x1, 0x8, 0x800


@dataclass
class Entry:
    """`packed` and `size` are what the archive claims, where that is not what it holds."""

    name: bytes
    data: bytes = b"photo"
    method: int = STORED
    flags: int = 0
    host: int = UNIX
    extra: bytes = b""
    packed: bytes | None = None
    size: int | None = None
    claimed: int | None = None
    crc: int | None = None
    at: int | None = field(default=None)

    def body(self) -> bytes:
        if self.packed is not None:
            return self.packed
        if self.method == DEFLATED:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            return packer.compress(self.data) + packer.flush()
        return self.data

    def numbers(self) -> bytes:
        body = self.body()
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        size = len(self.data) if self.size is None else self.size
        return struct.pack("<LLL", crc, len(body) if self.claimed is None else self.claimed, size)


def archive(*entries: Entry, comment: bytes = b"", before: bytes = b"") -> bytes:
    out, directory = bytearray(before), bytearray()
    for entry in entries:
        at = len(out) if entry.at is None else entry.at
        fixed = struct.pack("<HHHHH", 20, entry.flags, entry.method, 0, 0x5A21)
        lengths = struct.pack("<HH", len(entry.name), len(entry.extra))
        told = bytes(12) if entry.flags & DESCRIPTOR else entry.numbers()
        out += b"PK\3\4" + fixed + told + lengths + entry.name + entry.extra + entry.body()
        if entry.flags & DESCRIPTOR:
            out += b"PK\7\x08" + entry.numbers()
        directory += b"PK\1\2" + struct.pack("<BB", 20, entry.host) + fixed + entry.numbers()
        directory += lengths + struct.pack("<HHHLL", 0, 0, 0, 0, at) + entry.name + entry.extra
    count = len(entries)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(out), len(comment))
    return bytes(out + directory + b"PK\5\6" + end + comment)


def unicode_path(raw: bytes, name: str) -> bytes:
    body = struct.pack("<BL", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body


def named(*names: str, page: str, host: int, flags: int = 0) -> bytes:
    return archive(*(Entry(name.encode(page), host=host, flags=flags) for name in names))


def taken(*names: str) -> list[list[str | None]]:
    return [[name, None] for name in names]


WESTERN = ["Été à la plage.jpg", "Élodie & Noël.jpg", "cérémonie_001.jpg"]
GERMAN = ["Müller.jpg", "Gäste_größe.jpg"]
RUSSIAN = ["Свадьба_001.jpg", "Фото с праздника.jpg"]
JAPANESE = ["写真1.jpg", "結婚式の写真.jpg", "パーティー.jpg", "佐々木.jpg"]
FULL_WIDTH = ["２次会.jpg", "写真（１）.jpg", "ＩＭＧ＿２.jpg"]
CHINESE = ["照片.jpg", "第一天.jpg"]
MAC = "Mu\u0308ller_e\u0301te\u0301.jpg"
A = Entry(b"a.jpg")
BLANK = bytes(3 * 2**20)
OLD = b"M\x81ller.jpg"


def cases() -> list[dict[str, Any]]:
    """`entries`: name and code of each, null where it can be had. `code`: of the whole archive."""
    whole = archive(A, Entry(b"b.jpg", b"b" * 500, DEFLATED))
    names_of_mac = [MAC.encode(), b"__MACOSX/._x.jpg"]
    rows: list[tuple[str, bytes, Any]] = [
        ("stored and deflated", whole, taken("a.jpg", "b.jpg")),
        ("folders", archive(Entry(b"day/", b""), Entry(b"day/a.jpg")), taken("day/a.jpg")),
        (
            "deflate64",
            archive(Entry(b"a.jpg", method=DEFLATE64), A),
            [["a.jpg", "packed_unknown"], ["a.jpg", None]],
        ),
        ("zstd", archive(Entry(b"a.jpg", method=ZSTD)), [["a.jpg", "packed_unknown"]]),
        ("bzip2", archive(Entry(b"a.jpg", method=BZIP2)), [["a.jpg", "packed_unknown"]]),
        ("lzma", archive(Entry(b"a.jpg", method=LZMA)), [["a.jpg", "packed_unknown"]]),
        (
            "a password",
            archive(Entry(b"a.jpg", flags=ENCRYPTED, packed=bytes(17))),
            [["a.jpg", "encrypted"]],
        ),
        (
            "a password, AES",
            archive(
                Entry(
                    b"a.jpg",
                    method=AES,
                    flags=ENCRYPTED,
                    packed=bytes(33),
                    extra=b"\x01\x99\x07\x00\x02\x00AE\x03\x08\x00",
                )
            ),
            [["a.jpg", "encrypted"]],
        ),
        (
            "an archive within",
            archive(Entry(b"b.ZIP"), A),
            [["b.ZIP", "nested_archive"], ["a.jpg", None]],
        ),
        ("UTF-8, said", named(*WESTERN, page="utf-8", host=UNIX, flags=UTF8), taken(*WESTERN)),
        ("UTF-8, not said", named(*WESTERN, page="utf-8", host=DOS), taken(*WESTERN)),
        ("a Mac’s", archive(*map(Entry, names_of_mac)), taken("Müller_été.jpg")),
        ("DOS, French", named(*WESTERN, page="cp850", host=DOS), taken(*WESTERN)),
        ("DOS, American", named("Año nuevo.jpg", page="cp437", host=DOS), taken("Año nuevo.jpg")),
        ("DOS, German", named(*GERMAN, page="cp437", host=DOS), taken(*GERMAN)),
        ("DOS, Russian", named(*RUSSIAN, page="cp866", host=DOS), taken(*RUSSIAN)),
        ("DOS, Japanese", named(*JAPANESE, page="cp932", host=DOS), taken(*JAPANESE)),
        ("DOS, full width", named(*FULL_WIDTH, page="cp932", host=DOS), taken(*FULL_WIDTH)),
        ("DOS, Chinese", named(*CHINESE, page="gbk", host=DOS), taken(*CHINESE)),
        ("Windows, French", named(*WESTERN, page="cp1252", host=UNIX), taken(*WESTERN)),
        ("Windows, Russian", named(*RUSSIAN, page="cp1251", host=UNIX), taken(*RUSSIAN)),
        (
            "of two computers",
            archive(Entry("été.jpg".encode("cp850"), host=DOS), Entry("été.jpg".encode("cp1252"))),
            taken("été.jpg", "été.jpg"),
        ),
        ("no words in any page", archive(Entry(b"\xb1\xb2\xdb.jpg")), taken("±²Û.jpg")),
        (
            "a name beside it",
            archive(Entry(OLD, extra=unicode_path(OLD, "Möller.jpg"))),
            taken("Möller.jpg"),
        ),
        (
            "a name beside it, of another",
            archive(Entry(OLD, host=DOS, extra=unicode_path(b"x", "Möller.jpg"))),
            taken("Müller.jpg"),
        ),
        (
            "backslashes",
            archive(Entry(b"day\\a.jpg", host=DOS), Entry(b"__MACOSX\\b.jpg", host=DOS)),
            taken("day/a.jpg"),
        ),
        (
            "paths that lead outside",
            archive(Entry(b"../../etc/a.jpg"), Entry(b"/b.jpg"), Entry(b"C:\\c.jpg")),
            taken("../../etc/a.jpg", "/b.jpg", "C:/c.jpg"),
        ),
        ("one name twice", archive(A, Entry(b"a.jpg", b"another")), taken("a.jpg", "a.jpg")),
        (
            "what computers add",
            archive(Entry(b".DS_Store"), Entry(b"d/Thumbs.db"), A),
            taken("a.jpg"),
        ),
        (
            "nothing else than that",
            archive(Entry(b".DS_Store"), Entry(b"__MACOSX/._a.jpg")),
            "empty_archive",
        ),
        ("folders alone", archive(Entry(b"day/", b"")), "empty_archive"),
        ("empty", archive(), "empty_archive"),
        (
            "one that compresses well",
            archive(A, Entry(b"blank.tif", BLANK, DEFLATED), Entry(b"b.jpg")),
            [["a.jpg", None], ["blank.tif", "entry_bomb"], ["b.jpg", None]],
        ),
        (
            "many that unpack to very much",
            archive(*(Entry(b"%d.jpg" % n, size=900_000) for n in range(1200))),
            "archive_bomb",
        ),
        (
            "entries that share their bytes",
            archive(Entry(b"a.jpg", claimed=150, size=150), Entry(b"b.jpg", claimed=150, size=150)),
            "archive_bomb",
        ),
        (
            "too large",
            archive(
                A, Entry(b"b.jpg", bytes(range(256)) * 8), Entry(b"c.mov", bytes(range(256)) * 8)
            ),
            [["a.jpg", None], ["b.jpg", "too_large"], ["c.mov", "video"]],
        ),
        (
            "longer than it says",
            archive(Entry(b"a.jpg", b"x" * 900, DEFLATED, size=5), A),
            [["a.jpg", "unreadable"], ["a.jpg", None]],
        ),
        (
            "a wrong checksum",
            archive(Entry(b"a.jpg", crc=1), Entry(b"b.jpg", b"b" * 99, DEFLATED, crc=1), A),
            [["a.jpg", "unreadable"], ["b.jpg", "unreadable"], ["a.jpg", None]],
        ),
        (
            "deflated badly",
            archive(Entry(b"a.jpg", method=DEFLATED, packed=b"\xff" * 9), A),
            [["a.jpg", "unreadable"], ["a.jpg", None]],
        ),
        (
            "sizes behind the bytes",
            archive(Entry(b"a.jpg", b"b" * 99, DEFLATED, flags=DESCRIPTOR)),
            taken("a.jpg"),
        ),
        ("something before it", archive(A, before=b"MZ program"), taken("a.jpg")),
        ("a comment", archive(A, comment=b"from the photographer"), taken("a.jpg")),
        ("without its end", whole[:-30], "bad_archive"),
        ("without its beginning", whole[50:], [["a.jpg", "unreadable"], ["b.jpg", "unreadable"]]),
        ("no archive", b"no archive", "bad_archive"),
    ]
    return [
        {"name": name, "zip": base64.b64encode(data).decode()}
        | ({"code": said} if isinstance(said, str) else {"entries": said})
        for name, data, said in rows
    ]


if __name__ == "__main__":
    TABLE.write_text(json.dumps(cases(), ensure_ascii=False, indent=2) + "\n", "utf-8")
