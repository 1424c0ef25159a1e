"""Colour profiles (ICC.1:2001-04), made here: of screens, of grey, and of a printer."""

from __future__ import annotations

import struct

import numpy as np

# Chromaticities of red, green and blue; the white is D65, of ProPhoto D50.
PRIMARIES = {
    "Display P3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "Adobe RGB": ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060)),
    "ProPhoto": ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)),
    "BT.2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "sRGB": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
}
GAMMA = {"Display P3": 2.2, "Adobe RGB": 2.19921875, "ProPhoto": 1.8}
D65, D50 = np.array([0.95047, 1.0, 1.08883]), np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def to_xyz(space: str) -> np.ndarray:
    """From linear light of a space to XYZ under its own white."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in PRIMARIES[space]]).T
    white = D50 if space == "ProPhoto" else D65
    return columns * np.linalg.solve(columns, white)


def screen(space: str, *, padding: int = 0) -> bytes:
    """`padding`: bytes that nobody needs, as profiles with tables have."""
    white = D50 if space == "ProPhoto" else D65
    cones = (BRADFORD @ D50) / (BRADFORD @ white)
    adapted = np.linalg.inv(BRADFORD) @ np.diag(cones) @ BRADFORD @ to_xyz(space)
    curve = b"curv" + bytes(4) + struct.pack(">IHxx", 1, round(GAMMA[space] * 256))
    tags = {f"{c}XYZ".encode(): _xyz(adapted[:, n]) for n, c in enumerate("rgb")}
    tags |= {f"{c}TRC".encode(): curve for c in "rgb"}
    if padding:
        tags[b"pad "] = b"data" + bytes(4 + padding)
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey(gamma: float) -> bytes:
    curve = b"curv" + bytes(4) + struct.pack(">IHxx", 1, round(gamma * 256))
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": curve})


def printer() -> bytes:
    """Four inks on paper, each corner of their cube a colour: as greyish as real ones."""
    inks = np.array([[55, -37, -50], [48, 74, -3], [89, -5, 93]])
    grid = []
    for corner in np.ndindex(2, 2, 2, 2):
        *cmy, black = corner
        lab = np.array([93.0, 0.0, 0.0])
        for used, ink in zip(cmy, inks, strict=True):
            if used:
                lab = np.array([lab[0] * ink[0] / 93, *(lab[1:] * 0.6 + ink[1:])])
        lab = lab * 0.15 if black else lab
        grid.append([round(lab[0] * 255 / 100), *(round(v) + 128 for v in lab[1:])])
    table = np.clip(np.array(grid), 0, 255).astype(np.uint8).tobytes()
    straight = bytes(range(256))
    lut = b"mft1" + bytes(4) + struct.pack(">4B", 4, 3, 2, 0)
    lut += struct.pack(">9i", *(65536 if n % 4 == 0 else 0 for n in range(9)))
    lut += straight * 4 + table + straight * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut, b"A2B1": lut})


def _profile(device: bytes, space: bytes, between: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"made for tests\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {b"desc": described, b"wtpt": _xyz(D50), b"cprt": b"text" + bytes(4) + text, **tags}
    directory, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        directory += name + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, device, space, between)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += _xyz(D50)[8:] + bytes(128)
    return head[:128] + struct.pack(">I", len(tags)) + directory + body


def _xyz(value: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in value))
