"""Colours as screens show them: what a picture's numbers mean, made into what pages can say.

Renditions are sRGB, or have a small RGB profile of the original's (Display P3, Adobe RGB,
ProPhoto), which browsers follow. What they do not follow everywhere is converted: large profiles,
those of grey and of printers, and the codings that containers name by numbers (ITU-T H.273), among
them those of HDR. Light above that of white paper is compressed (ITU-R BT.2408: white is
203 cd/m2).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from photos.imaging.formats import Data

Pixels = NDArray[np.uint8]
Light = NDArray[np.float32]

# A thumbnail has 20 kB. Profiles of cameras and editors have less than this, tables have more.
MOST_PROFILE_BYTES = 4096
# In which part of a file its coding is named.
MOST_HEAD_BYTES = 2**20
# So many rows are converted at a time, or 12 megapixels would take 400 MB.
ROWS = 256
# Numbers of H.273.
BT709, BT2020, P3 = 1, 9, 12
PQ, HLG = 16, 18
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
# From linear light of these primaries to that of sRGB's (white is D65 in all of them).
TO_SRGB = {
    BT709: np.eye(3),
    BT2020: np.array(
        [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349],
         [-0.018151, -0.100579, 1.118730]]
    ),
    P3: np.array(
        [[1.224940, -0.224940, 0.0], [-0.042057, 1.042057, 0.0], [-0.019638, -0.078636, 1.098274]]
    ),
}  # fmt: skip
# The part of a display's light that is white paper, and that of each colour in grey (BT.2100).
WHITE, PEAK, HLG_PEAK, HLG_GAMMA = 203.0, 10_000.0, 1_000.0, 1.2
LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)
# Up to here light stays as it is; above it is compressed, so that none is cut off.
KNEE = 0.75
# Steps of light, of which square roots are equally far apart: finer than 8 bits of sRGB.
STEPS = 8192


class Coding(NamedTuple):
    """What the numbers mean, as H.273 counts colour primaries and transfer characteristics."""

    primaries: int
    transfer: int


def coding_of(data: Data, kind: str, said: Mapping[Any, Any]) -> Coding | None:
    """What a picture's container says of its colours, beside a profile. `said`: what its reader
    knows of the picture that is shown; others are in the file too."""
    if kind == "HEIF" and (nclx := said.get("nclx_profile")):
        return Coding(nclx["color_primaries"], nclx["transfer_characteristics"])
    head = data[:MOST_HEAD_BYTES]
    if kind == "AVIF":
        at = head.find(b"colrnclx")
        body = head[at + 8 : at + 12] if at >= 0 else b""
        return Coding(body[1], body[3]) if len(body) == 4 and not body[0] | body[2] else None
    if kind == "PNG":
        at = head.find(b"\0\0\0\4cICP")
        body = head[at + 8 : at + 10] if at >= 0 else b""
        return Coding(*body) if len(body) == 2 else None
    return None


def for_screens(
    pixels: Pixels, profile: bytes | None, coding: Coding | None
) -> tuple[Pixels, bytes | None]:
    """The pixels, and the profile that says how they are meant; without one they are sRGB."""
    if profile:
        if profile[16:20] == b"RGB " and len(profile) <= MOST_PROFILE_BYTES:
            return pixels, profile
        return _by_profile(pixels, profile), None
    if coding is None or coding.primaries not in TO_SRGB:
        return pixels, None
    is_ours = coding.primaries == BT709 and coding.transfer not in (PQ, HLG, *GAMMAS)
    return (pixels if is_ours else _by_coding(pixels, coding)), None


def _by_profile(pixels: Pixels, profile: bytes) -> Pixels:
    """As they are where nobody can follow the profile, or it is of a printer, whose inks were made
    light already."""
    space = profile[16:20]
    if space not in (b"RGB ", b"GRAY"):
        return pixels
    if space == b"GRAY" and not np.array_equal(pixels[:, :, 0], pixels[:, :, 1]):
        return pixels  # of another picture
    picture = Image.fromarray(pixels if space == b"RGB " else pixels[:, :, 0])
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return pixels
    return pixels if converted is None else np.ascontiguousarray(converted, np.uint8)


def _by_coding(pixels: Pixels, coding: Coding) -> Pixels:
    light, shown = _light_of(coding), _shown(is_hdr=coding.transfer in (PQ, HLG))
    matrix = TO_SRGB[coding.primaries].astype(np.float32)
    out = np.empty_like(pixels)
    for start in range(0, len(pixels), ROWS):
        rows = light(pixels[start : start + ROWS])
        rows = np.asarray(cv2.transform(rows, matrix), np.float32)
        steps = np.sqrt(np.clip(rows, 0, WHITEST)) * ((STEPS - 1) / np.sqrt(WHITEST))
        out[start : start + ROWS] = shown[(steps + 0.5).astype(np.uint16)]
    return out


# Times the light of white paper: that of the brightest display that PQ knows.
WHITEST = PEAK / WHITE


def _light_of(coding: Coding) -> Callable[[Pixels], Light]:
    table = _table(coding.transfer)

    def light(rows: Pixels) -> Light:
        linear = table[rows]
        if coding.transfer == HLG:  # of the scene: a display adds its own gamma (BT.2100, table 5)
            linear *= (linear @ LUMA)[:, :, None] ** np.float32(HLG_GAMMA - 1)
            linear *= np.float32(HLG_PEAK / WHITE)
        return linear

    return light


@lru_cache(maxsize=8)
def _table(transfer: int) -> Light:
    """The light of each of 256 numbers; 1 is white paper, of HLG the scene's peak."""
    v = np.arange(256) / 255
    if transfer == PQ:
        power = v ** (32 / 2523)
        found = (np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (
            8192 / 1305
        )
        found *= PEAK / WHITE
    elif transfer == HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        found = np.where(v <= 0.5, v * v / 3, (np.exp((v - c) / a) + b) / 12)
    elif transfer in GAMMAS:
        found = v ** GAMMAS[transfer]
    else:  # as sRGB's: of phones and editors; video's own curve is shown by displays like it
        found = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return found.astype(np.float32)


@lru_cache(maxsize=2)
def _shown(*, is_hdr: bool) -> Pixels:
    """The number in sRGB of each step of light."""
    light = (np.arange(STEPS) / (STEPS - 1)) ** 2 * WHITEST
    if is_hdr:
        above = np.maximum(light - KNEE, 0) / (1 - KNEE)
        light = np.minimum(light, KNEE) + (1 - KNEE) * above / (1 + above)
    light = np.clip(light, 0, 1)
    v = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(v * 255), np.uint8)
