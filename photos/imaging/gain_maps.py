"""What says how a gain map brightens a picture on an HDR screen: numbers, and nothing else of it.

Android's Ultra HDR has them in XMP, phones of Apple likewise with other names, ISO 21496-1 in bytes
of its own; where the map lies in a JPEG says MPF (CIPA DC-007). All of it is read by a list of what
may stay, and written anew.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from xml.etree import ElementTree

from PIL import Image

XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
ISO_HEAD = b"urn:iso:std:iso:ts:21496:-1\0"
MPF_HEAD = b"MPF\0"
# A JPEG's first picture, and one whose kind MPF has no number for.
PRIMARY, OTHER = 0x030000, 0
LONGEST_XMP = 2**16
# Phones put two there at most: each is searched.
MOST_OTHERS = 8

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ADOBE = "http://ns.adobe.com/hdr-gain-map/1.0/"
APPLE = "http://ns.apple.com/HDRGainMap/1.0/"
APPLE_AUXILIARY = "http://ns.apple.com/pixeldatainfo/1.0/"
APPLE_TYPE = "urn:com:apple:photo:2020:aux:hdrgainmap"
CONTAINER = "http://ns.google.com/photos/1.0/container/"
ITEM = "http://ns.google.com/photos/1.0/container/item/"
NUMBERS = {
    ADOBE: [
        *["Version", "BaseRenditionIsHDR", "GainMapMin", "GainMapMax", "Gamma"],
        *["OffsetSDR", "OffsetHDR", "HDRCapacityMin", "HDRCapacityMax"],
    ],
    APPLE: ["HDRGainMapVersion", "HDRGainMapHeadroom"],
}
A_NUMBER = re.compile(r"[-+]?[0-9]{1,10}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?|True|False")
PREFIXES = {ADOBE: "hdrgm", APPLE: "HDRGainMap"}
CHANNELS = 1, 3

# A name, and its one number or one for each channel.
Numbers = dict[str, list[str]]


@dataclass(frozen=True)
class Parameters:
    """Of a picture's XMP, in the words of Adobe, which Android took over, and in those of Apple."""

    adobe: Numbers
    apple: Numbers

    @property
    def is_adobe(self) -> bool:
        return {"Version", "GainMapMax", "HDRCapacityMax"} <= self.adobe.keys()

    @property
    def is_apple(self) -> bool:
        return "HDRGainMapVersion" in self.apple


def parameters(xmp: bytes) -> Parameters:
    """None of them where the XMP has none, or is no XMP."""
    xmp = xmp.strip(b"\0")
    # Entities are declared behind `<!`, in UTF-16 with zeros between, and could grow without end.
    if len(xmp) > LONGEST_XMP or b"<!" in xmp or b"\0" in xmp:
        return Parameters({}, {})
    try:
        root = ElementTree.fromstring(xmp)  # noqa: S314 - without entities
    except (ElementTree.ParseError, ValueError, LookupError):
        return Parameters({}, {})
    return Parameters(_numbers(root, ADOBE), _numbers(root, APPLE))


def _numbers(root: ElementTree.Element, namespace: str) -> Numbers:
    """Properties are written as attributes, as elements, or as elements with a list in them."""
    found: Numbers = {}
    for described in root.iter(f"{{{RDF}}}Description"):
        written = {name: [value] for name, value in described.attrib.items()}
        for inner in described:
            listed = [one.text or "" for one in inner.iter(f"{{{RDF}}}li")]
            written[inner.tag] = listed or [inner.text or ""]
        for name in NUMBERS[namespace]:
            values = [value.strip() for value in written.get(f"{{{namespace}}}{name}", [])]
            if len(values) in CHANNELS and all(map(A_NUMBER.fullmatch, values)):
                found[name] = values
    return found


def xmp_of(numbers: Parameters) -> bytes:
    """The XMP of a gain map; empty where it would say nothing."""
    if numbers.is_adobe:
        return _packet(ADOBE, numbers.adobe)
    if numbers.is_apple:
        kind = f"<apdi:AuxiliaryImageType>{APPLE_TYPE}</apdi:AuxiliaryImageType>"
        return _packet(APPLE, numbers.apple, f' xmlns:apdi="{APPLE_AUXILIARY}"', kind)
    return b""


def xmp_of_primary(version: str, gain_map_bytes: int) -> bytes:
    """The XMP of a picture with a gain map of so many bytes right behind it."""
    items = [
        'Item:Semantic="Primary" Item:Mime="image/jpeg"',
        f'Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="{gain_map_bytes}"',
    ]
    listed = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item {item}/></rdf:li>' for item in items
    )
    return _packet(
        ADOBE,
        {"Version": [version]},
        f' xmlns:Container="{CONTAINER}" xmlns:Item="{ITEM}"',
        f"<Container:Directory><rdf:Seq>{listed}</rdf:Seq></Container:Directory>",
    )


def _packet(namespace: str, numbers: Numbers, names: str = "", content: str = "") -> bytes:
    """Single numbers as attributes: some readers look for these alone."""
    prefix = PREFIXES[namespace]
    single = "".join(f' {prefix}:{name}="{v[0]}"' for name, v in numbers.items() if len(v) == 1)
    lists = "".join(
        f"<{prefix}:{name}><rdf:Seq>"
        + "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
        + f"</rdf:Seq></{prefix}:{name}>"
        for name, values in numbers.items()
        if len(values) > 1
    )
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{namespace}"{names}{single}>'
        f"{lists}{content}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def iso(written: bytes) -> bytes:
    """Of a gain map's numbers in ISO 21496-1 (annex C) as much as we know; or none of them."""
    if len(written) < 5 or written[:2] != b"\0\0":  # for readers of a later version only
        return b""
    flags = written[4]
    channels = 3 if flags & 0x80 else 1
    # Fractions, or numerators of which all have one denominator; the first two are headrooms.
    length = 5 + (12 + 20 * channels if flags & 0x08 else 16 + 40 * channels)
    return written[:length] if len(written) >= length else b""


def others(mpf: bytes) -> list[int]:
    """Where the further pictures of an MPF begin, counted from its TIFF header."""
    index = Image.Exif()
    try:
        index.load(mpf)
        entries = index[0xB002]
        order = "<" if mpf.startswith(b"II") else ">"
        found = list(struct.iter_unpack(f"{order}IIII", entries))
    except Exception:  # noqa: BLE001 - bad notes raise what they like
        return []
    return [start for _, _, start, _ in found[1 : 1 + MOST_OTHERS]]


def mpf(primary_bytes: int, gain_map_bytes: int, header_at: int) -> bytes:
    """An index of the two, which follow each other; its TIFF header lies so far in the file."""
    head = struct.pack(">2sHIH", b"MM", 42, 8, 3)
    entries_at = len(head) + 3 * 12 + 4
    return b"".join(
        [
            head,
            struct.pack(">HHI4s", 0xB000, 7, 4, b"0100"),
            struct.pack(">HHII", 0xB001, 4, 1, 2),
            struct.pack(">HHII", 0xB002, 7, 32, entries_at),
            bytes(4),  # no further index
            struct.pack(">IIIHH", PRIMARY, primary_bytes, 0, 0, 0),
            struct.pack(">IIIHH", OTHER, gain_map_bytes, primary_bytes - header_at, 0, 0),
        ]
    )


MPF_BYTES = len(mpf(0, 0, 0))
