"""Colours of renditions, compared with what a colour-managed reader makes of the original."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from photos.imaging import colours, images, renditions
from photos.imaging.colours import Coding
from tests.photos.imaging import profiles
from tests.photos.imaging.pictures import SRGB

# Differences that are seen side by side begin at about 2; a JPEG of the preview's quality makes 1.
MEAN, MOST = 1.5, 4.0
SIDE = 32
SRGB_PROFILE = ImageCms.createProfile("sRGB")


def patches() -> np.ndarray:
    """Numbers of 27 colours: dark, middle and light, pure and greyish."""
    steps = (40, 120, 210)
    return np.array([(r, g, b) for r in steps for g in steps for b in steps], np.uint8)


def picture(numbers: np.ndarray) -> np.ndarray:
    """A row of flat squares for each nine colours."""
    rows = numbers.reshape(3, 9, numbers.shape[-1])
    return rows.repeat(SIDE, axis=0).repeat(SIDE, axis=1)


def middles(shown: Image.Image) -> np.ndarray:
    pixels = np.asarray(shown.convert("RGB"), np.float64)
    half = SIDE // 2
    return np.array(
        [
            pixels[y - 4 : y + 4, x - 4 : x + 4].mean(axis=(0, 1))
            for y in range(half, 3 * SIDE, SIDE)
            for x in range(half, 9 * SIDE, SIDE)
        ]
    )


def linear(numbers: np.ndarray) -> np.ndarray:
    v = np.asarray(numbers, np.float64) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def lab(numbers: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of sRGB."""
    xyz = linear(numbers) @ profiles.to_xyz("sRGB").T / profiles.D65
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


def as_seen(data: bytes) -> np.ndarray:
    """What a browser that follows profiles shows of the preview, of each square."""
    preview = Image.open(io.BytesIO(renditions.make(images.decode(data, min_side=2000)).preview))
    return middles(in_srgb(preview, preview.info.get("icc_profile")))


def in_srgb(shown: Image.Image, profile: bytes | None) -> Image.Image:
    if profile is None:
        return shown.convert("RGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    found = ImageCms.profileToProfile(shown, source, SRGB_PROFILE, outputMode="RGB")
    assert found is not None
    return found


def assert_alike(seen: np.ndarray, wanted: np.ndarray) -> None:
    """By the difference of CIE 1976."""
    apart = np.linalg.norm(lab(seen) - lab(wanted), axis=1)
    assert (round(apart.mean(), 2) < MEAN, round(apart.max(), 2) < MOST) == (True, True), apart


def encoded(shown: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    options |= {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    options |= {"quality": 100, "chroma": 444} if kind == "HEIF" else {}
    options |= {"lossless": True} if kind == "WEBP" else {}
    options |= {"quality": 100, "subsampling": "4:4:4"} if kind == "AVIF" else {}
    shown.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
@pytest.mark.parametrize("space", ["Display P3", "Adobe RGB", "ProPhoto"])
@pytest.mark.parametrize("padding", [0, 500_000])
def test_wide_colours_are_those_of_their_profile(kind: str, space: str, padding: int) -> None:
    shown, profile = Image.fromarray(picture(patches())), profiles.screen(space, padding=padding)
    data = encoded(shown, kind, icc_profile=profile)
    assert_alike(as_seen(data), middles(in_srgb(shown, profile)))
    # Half a megabyte of tables does not stand in a thumbnail.
    assert len(renditions.make(images.decode(data, min_side=None)).thumbnail) < 30_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_grey_has_its_own_curve(kind: str) -> None:
    shown = Image.fromarray(picture(patches())).convert("L")
    profile = profiles.grey(1.8)
    wanted = middles(in_srgb(shown, profile))
    assert np.abs(wanted - middles(shown)).max() > 10
    assert_alike(as_seen(encoded(shown, kind, icc_profile=profile)), wanted)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_are_those_of_their_printer(kind: str) -> None:
    inks = np.concatenate([patches(), patches()[::-1, :1] // 3], axis=1)
    shown = Image.fromarray(picture(inks), mode="CMYK")
    profile = profiles.printer()
    assert_alike(
        as_seen(encoded(shown, kind, icc_profile=profile)), middles(in_srgb(shown, profile))
    )


def test_inks_of_no_printer_are_taken_from_white() -> None:
    inks = np.concatenate([patches(), patches()[::-1, :1] // 3], axis=1)
    data = encoded(Image.fromarray(picture(inks), mode="CMYK"), "JPEG")
    left = 255.0 - inks
    assert_alike(as_seen(data), left[:, :3] * left[:, 3:] / 255)


def pq(light: np.ndarray) -> np.ndarray:
    """ITU-R BT.2100, table 4: from cd/m2 to the signal."""
    y = (light / 10_000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32)


def hlg(light: np.ndarray) -> np.ndarray:
    """ITU-R BT.2100, table 5: from cd/m2 of a display of 1000 to the signal."""
    shown = light / 1000
    luma = shown @ np.array([0.2627, 0.6780, 0.0593])
    scene = shown * luma[:, None] ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(
        scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    )


def of_2020(numbers: np.ndarray) -> np.ndarray:
    """Linear light in the primaries of BT.2020 of what sRGB numbers show."""
    return linear(numbers) @ np.linalg.solve(profiles.to_xyz("BT.2020"), profiles.to_xyz("sRGB")).T


def heic(signal: np.ndarray, *, primaries: int, transfer: int, matrix: int) -> bytes:
    """Of ten bits, without a profile."""
    deep = (picture(np.round(signal * 1023).astype(np.uint16)) << 6).astype("<u2")
    made = pillow_heif.from_bytes("RGB;16", (deep.shape[1], deep.shape[0]), deep.tobytes())
    out = io.BytesIO()
    made.save(
        out,
        quality=100,
        chroma=444,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=matrix,
        full_range_flag=1,
    )
    return out.getvalue()


@pytest.mark.parametrize(("transfer", "curve"), [(colours.PQ, pq), (colours.HLG, hlg)])
def test_hdr_looks_like_paper_in_its_light(transfer, curve) -> None:
    wanted = np.minimum(patches(), 200)  # below where light begins to be compressed
    data = heic(curve(of_2020(wanted) * 203), primaries=9, transfer=transfer, matrix=9)
    with Image.open(io.BytesIO(data)) as opened:
        assert colours.coding_of(data, "HEIF", opened.info) == Coding(9, transfer)
    assert_alike(as_seen(data), wanted)


@pytest.mark.parametrize(("transfer", "curve"), [(colours.PQ, pq), (colours.HLG, hlg)])
def test_light_above_paper_is_compressed_and_not_cut_off(transfer, curve) -> None:
    lights = np.linspace(20, 800, 27)[:, None].repeat(3, axis=1)
    seen = as_seen(heic(curve(lights), primaries=9, transfer=transfer, matrix=9)).mean(axis=1)
    assert (np.diff(seen) >= -0.5).all()
    at = [int(np.argmin(np.abs(lights[:, 0] - light))) for light in (100, 203, 300, 500, 800)]
    assert (np.diff(seen[at]) >= 1).all()
    assert 235 < seen[at[1]] < 245


def test_ten_bits_of_plain_colours_are_what_they_were() -> None:
    data = heic(patches() / 255, primaries=1, transfer=13, matrix=1)
    assert_alike(as_seen(data), patches())


def test_wide_colours_that_are_named_by_a_number() -> None:
    wanted = patches()
    in_p3 = (
        linear(wanted) @ np.linalg.solve(profiles.to_xyz("Display P3"), profiles.to_xyz("sRGB")).T
    )
    signal = np.where(in_p3 <= 0.0031308, in_p3 * 12.92, 1.055 * in_p3 ** (1 / 2.4) - 0.055)
    assert_alike(as_seen(heic(signal, primaries=12, transfer=13, matrix=6)), wanted)


def test_a_png_names_its_coding_too() -> None:
    wanted = np.minimum(patches(), 200)
    shown = Image.fromarray(picture(np.round(pq(of_2020(wanted) * 203) * 255).astype(np.uint8)))
    data, body = encoded(shown, "PNG"), bytes([9, 16, 0, 1])
    chunk = struct.pack(">I", 4) + b"cICP" + body + struct.pack(">I", zlib.crc32(b"cICP" + body))
    assert_alike(as_seen(data[:33] + chunk + data[33:]), wanted)


@pytest.mark.parametrize(
    "profile", [SRGB[:200], SRGB[:16] + b"GRAY" + SRGB[20:], b"x" * 9000, profiles.grey(2.2)]
)
def test_a_profile_that_nobody_can_follow_changes_nothing(profile: bytes) -> None:
    shown = Image.fromarray(picture(patches()))
    plain = images.decode(encoded(shown, "PNG"), min_side=None)
    odd = images.decode(encoded(shown, "PNG", icc_profile=profile), min_side=None)
    assert np.array_equal(plain.pixels, odd.pixels)


@pytest.mark.parametrize("body", [b"", b"\0", b"\0\x09\0", b"\x09\x09\x10\x10"])
def test_a_coding_that_is_cut_off_or_unknown_is_none(body: bytes) -> None:
    data = b"....colrnclx" + body
    found = colours.coding_of(data, "AVIF", {})
    pixels = np.full((4, 4, 3), 99, np.uint8)
    assert np.array_equal(colours.for_screens(pixels, None, found)[0], pixels)
