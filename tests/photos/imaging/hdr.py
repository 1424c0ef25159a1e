"""JPEG pictures with a gain map behind them, as phones write them: with notes on everything."""

from __future__ import annotations

import struct

from photos.imaging.gain_maps import ISO_HEAD, MPF_HEAD, XMP_HEAD
from photos.imaging.jpeg import segment
from tests.photos.imaging.test_stripping import photo_of

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HDRGM = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
DEPTH = '<rdf:Description xmlns:d="urn:depth" d:Near="1" d:Owner="OWNER-NAME"/>'
NUMBERS = f"""<rdf:Description {HDRGM} hdrgm:Version="1.0" hdrgm:GainMapMin="-0.5"
  hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="4.708" hdrgm:Gamma="1e0"
  hdrgm:BaseRenditionIsHDR="False" hdrgm:Photographer="OWNER-NAME" hdrgm:OffsetSDR="OWNER-NAME">
  <hdrgm:GainMapMax><rdf:Seq>
    <rdf:li>4.7090998</rdf:li><rdf:li>4.5</rdf:li><rdf:li>4.25</rdf:li>
  </rdf:Seq></hdrgm:GainMapMax>
  <dc:place xmlns:dc="urn:dc">XMP-PLACE</dc:place></rdf:Description>"""
DIRECTORY = f"""<rdf:Description {HDRGM} hdrgm:Version="1.0" xmlns:dc="urn:dc" dc:p="XMP-PLACE"
  xmlns:Container="http://ns.google.com/photos/1.0/container/"
  xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><Container:Directory><rdf:Seq>
  <rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/>
  </rdf:li><rdf:li rdf:parseType="Resource">
  <Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="99999"/></rdf:li>
  </rdf:Seq></Container:Directory></rdf:Description>"""
APPLE = """<rdf:Description xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/"
  xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/" xmlns:o="urn:o" o:Owner="OWNER-NAME">
  <apdi:AuxiliaryImageType>urn:com:apple:photo:2020:aux:hdrgainmap</apdi:AuxiliaryImageType>
  <HDRGainMap:HDRGainMapVersion>131072</HDRGainMap:HDRGainMapVersion>
  <HDRGainMap:HDRGainMapHeadroom>5.25</HDRGainMap:HDRGainMapHeadroom></rdf:Description>"""
ISO_VERSION = bytes(4)


def xmp(described: str) -> bytes:
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{described}'
    begin = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    return f'{begin}{packet}</rdf:RDF></x:xmpmeta>   <?xpacket end="w"?>'.encode()


def xmp_segment(described: str) -> bytes:
    return segment(0xE1, XMP_HEAD + xmp(described))


def iso_numbers(channels: int = 1, *, is_common: bool = False) -> bytes:
    flags = (0x80 if channels == 3 else 0) | (0x08 if is_common else 0)
    count = 3 + 5 * channels if is_common else 4 + 10 * channels
    return struct.pack(f">HHB{count}I", 0, 0, flags, *range(1, count + 1))


def iso_segment(numbers: bytes) -> bytes:
    return segment(0xE2, ISO_HEAD + numbers)


def with_segments(picture: bytes, *segments: bytes) -> bytes:
    return picture[:2] + b"".join(segments) + picture[2:]


def together(primary: bytes, *others: bytes, order: str = ">") -> bytes:
    """The pictures one after another, with an MPF that says where they are."""
    head = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    count = len(others) + 1
    index = head + struct.pack(
        f"{order}HHHI4sHHIIHHIII",
        *(3, 0xB000, 7, 4, b"0100", 0xB001, 4, 1, count, 0xB002, 7, 16 * count, 50, 0),
    )
    whole = len(primary) + 4 + len(MPF_HEAD) + len(index) + 16 * count
    index += struct.pack(f"{order}IIII", 0x030000, whole, 0, 0)
    start = whole - 2 - 4 - len(MPF_HEAD)
    for other in others:
        index += struct.pack(f"{order}IIII", 0, len(other), start, 0)
        start += len(other)
    return with_segments(primary, segment(0xE2, MPF_HEAD + index)) + b"".join(others)


def picture(*segments: bytes) -> bytes:
    return with_segments(photo_of("JPEG", size=(128, 96), seed=1, orientation=6), *segments)


def gain_map(*segments: bytes) -> bytes:
    """With the notes of the others, but XMP of its own: a picture has one."""
    data = photo_of("JPEG", size=(64, 48), seed=2, mode="L", xmp=b"")
    return with_segments(data, *segments)


def ultra_hdr() -> bytes:
    """With a depth map in front of the gain map."""
    primary = picture(xmp_segment(DIRECTORY))
    return together(primary, gain_map(xmp_segment(DEPTH)), gain_map(xmp_segment(NUMBERS)))


def of_iso(numbers: bytes) -> bytes:
    return together(picture(iso_segment(ISO_VERSION)), gain_map(iso_segment(numbers)), order="<")


def of_apple() -> bytes:
    return together(picture(), gain_map(xmp_segment(APPLE)))
