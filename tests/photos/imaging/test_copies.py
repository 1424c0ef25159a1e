"""Everything that leaves: pixels, size, orientation and colours are those of the original."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageSequence

from photos.imaging import formats, stripping
from photos.imaging.stripping import strip
from tests.photos.imaging.pictures import SRGB
from tests.photos.imaging.test_stripping import SECRETS, exif_of, notes, photo_of

SIZE = (97, 83)


def one(kind: str, **save: object) -> Callable[[], bytes]:
    return lambda: photo_of(kind, size=SIZE, orientation=6, icc_profile=SRGB, **save)


def several(kind: str, **save: object) -> Callable[[], bytes]:
    def made() -> bytes:
        noise = np.random.default_rng(2).integers(0, 255, (3, *SIZE, 3), np.uint8)
        first, *others = map(Image.fromarray, noise)
        out = io.BytesIO()
        save.update(icc_profile=SRGB)
        if kind != "AVIF":  # Pillow's encoder of moving ones crashes over notes
            save.update(exif=notes(6))
        first.save(out, kind, save_all=True, append_images=others, **save)
        return out.getvalue()

    return made


# Each way in which a format of `formats.FORMATS` may store its pixels.
PICTURES = {
    "JPEG": {
        "baseline": one("JPEG"),
        "progressive": one("JPEG", progressive=True),
        "grey": one("JPEG", mode="L"),
        "CMYK": one("JPEG", mode="CMYK"),
        "RGB": one("JPEG", keep_rgb=True),
        "not subsampled": one("JPEG", subsampling=0),
        "with restarts": one("JPEG", restart_marker_blocks=3),
        "progressive, with restarts": one("JPEG", progressive=True, restart_marker_rows=1),
        "several (MPO)": several("MPO"),
    },
    "PNG": {
        "colours": one("PNG"),
        "palette": one("PNG", mode="P"),
        "grey": one("PNG", mode="L"),
        "black and white": one("PNG", mode="1"),
        "16 bits": one("PNG", mode="I;16"),
        "alpha": one("PNG", mode="RGBA"),
        "animated": several("PNG"),
    },
    "WEBP": {
        "lossy": one("WEBP"),
        "lossless": one("WEBP", lossless=True),
        "alpha": one("WEBP", mode="RGBA"),
        "animated": several("WEBP"),
        "animated, lossless": several("WEBP", lossless=True),
    },
    "HEIF": {
        "colours": one("HEIF"),
        "grey": one("HEIF", mode="L"),
        "alpha": one("HEIF", mode="RGBA"),
        "not subsampled": one("HEIF", chroma=444),
        "several": several("HEIF"),
    },
    "AVIF": {
        "colours": one("AVIF"),
        "grey": one("AVIF", mode="L"),
        "alpha": one("AVIF", mode="RGBA"),
        "not subsampled": one("AVIF", subsampling="4:4:4"),
        "animated": several("AVIF"),
    },
}
# Of these guests get the web size: nobody can say what else is in them.
NEVER_LEAVES = {"TIFF", "GIF"}
CASES = [(kind, name) for kind, ways in PICTURES.items() for name in ways]


def test_each_format_has_pictures_here():
    assert PICTURES.keys() | NEVER_LEAVES == formats.FORMATS.keys()
    assert stripping.WITHOUT_NOTES.keys() == PICTURES.keys()


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_what_leaves_looks_like_the_original(kind, name):
    data = PICTURES[kind][name]()
    assert formats.kind_of(data) == kind
    stripped = strip(data)
    with Image.open(io.BytesIO(data)) as original, Image.open(io.BytesIO(stripped)) as copy:
        assert (copy.mode, copy.size) == (original.mode, original.size)
        assert copy.info["icc_profile"] == original.info["icc_profile"] == SRGB
        # Of several JPEG pictures in a file only the first leaves.
        count = 1 if kind == "JPEG" else getattr(original, "n_frames", 1)
        assert getattr(copy, "n_frames", 1) == count
        frames = zip(ImageSequence.Iterator(original), ImageSequence.Iterator(copy), strict=False)
        compared = [np.array_equal(np.asarray(a), np.asarray(b)) for a, b in frames]
    assert compared == [True] * count
    assert exif_of(stripped).get(0x0112) == exif_of(data).get(0x0112)
    assert [secret for secret in SECRETS if secret in stripped] == []
