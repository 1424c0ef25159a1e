"""Which format small pictures should have: python benchmarks/formats.py [--photos 4] [--json]

Bytes that JPEG, WebP and AVIF need to look equally good at the sizes of our renditions, and the CPU
each costs. Every encoder makes each picture in three qualities; what it would need to look as the
JPEG does is interpolated between them, by butteraugli (its 3-norm) and by SSIMULACRA, of Debian's
libjxl-devtools. Decision 29 is made of it; all photos take an hour of CPU.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pipeline import SAMPLES, make_photos
from scratch import ROOT, report

METRICS = {
    "butteraugli": ["butteraugli_main", "--pnorm", "3"],
    "ssimulacra": ["ssimulacra_main"],
}
# By rendition: its side, and the quality of the JPEG that the others are to look like.
RENDITIONS = {"thumbnail": (440, 80), "medium": (1080, 75), "preview": (2000, 85)}
WEBP_QUALITIES, AVIF_QUALITIES = (70, 78, 86), (50, 62, 74)


@dataclass(frozen=True)
class Made:
    bytes: int
    cpu_ms: float
    scores: dict[str, float]


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# Of each encoder, the ways to call it from the lowest quality on.
Encoder = Callable[[Image.Image], bytes]
ENCODERS: dict[str, list[Encoder]] = {
    **{
        f"webp_method_{method}": [
            partial(encoded, kind="WEBP", quality=quality, method=method)
            for quality in WEBP_QUALITIES
        ]
        for method in (0, 2, 4)
    },
    **{
        f"avif_speed_{speed}": [
            partial(encoded, kind="AVIF", quality=quality, speed=speed, max_threads=1)
            for quality in AVIF_QUALITIES
        ]
        for speed in (6, 8, 9)
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=4, help="of 12 megapixels, and party photos")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not all(shutil.which(command[0]) for command in METRICS.values()):
        sys.exit("butteraugli_main and ssimulacra_main are missing: apt install libjxl-devtools")
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "findme.settings")
    with tempfile.TemporaryDirectory() as folder:
        photos = [*make_photos(Path(folder), options.photos), *sorted(SAMPLES.glob("sample*.jpg"))]
        rows: dict[str, float] = {}
        for name, (side, quality) in RENDITIONS.items():
            rows |= compared(name, photos[: 2 * options.photos], side, quality, Path(folder))
    report("Formats at equal quality, as a part of the JPEG's bytes", rows, as_json=options.json)


def compared(
    name: str, photos: list[Path], side: int, quality: int, folder: Path
) -> dict[str, float]:
    """Of one rendition: what each encoder needs."""
    needed: dict[str, list[float]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    sizes = []
    for photo in photos:
        image = reference(photo, side, folder)
        jpeg = made(image, partial(encoded, kind="JPEG", quality=quality), folder)
        sizes.append(jpeg.bytes)
        cpu["jpeg"].append(jpeg.cpu_ms)
        for encoder, ways in ENCODERS.items():
            found = [made(image, way, folder) for way in ways]
            cpu[encoder] += [one.cpu_ms for one in found]
            for metric, score in jpeg.scores.items():
                needed[f"{encoder}_by_{metric}"].append(bytes_at(found, metric, score))
    rows = {f"{name}_jpeg_kb": sum(sizes) / len(sizes) / 1000}
    rows |= {f"{name}_{encoder}": sum(parts) / sum(sizes) for encoder, parts in needed.items()}
    return rows | {f"{name}_{key}_cpu_ms": sum(ms) / len(ms) for key, ms in cpu.items()}


def reference(photo: Path, side: int, folder: Path) -> Image.Image:
    """The pixels that the product would encode."""
    from photos.imaging import images

    whole = images.decode(photo.read_bytes(), min_side=2000)
    image = Image.fromarray(whole.at_most(2000).at_most(side).pixels)
    image.save(folder / "reference.png", compress_level=1)
    return image


def made(image: Image.Image, encode: Encoder, folder: Path) -> Made:
    started = time.process_time()
    data = encode(image)
    cpu_ms = 1000 * (time.process_time() - started)
    shown = folder / "shown.png"
    Image.open(io.BytesIO(data)).convert("RGB").save(shown, compress_level=1)
    return Made(len(data), cpu_ms, {metric: score(metric, folder, shown) for metric in METRICS})


def score(metric: str, folder: Path, shown: Path) -> float:
    """How different the picture looks: 0 is the same."""
    program, *options = METRICS[metric]
    command = [program, str(folder / "reference.png"), str(shown), *options]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(said.split()[-1])


def bytes_at(found: list[Made], metric: str, wanted: float) -> float:
    """Bytes with that score, between those of two qualities, or beyond the last."""
    found = sorted(found, key=lambda one: one.scores[metric])
    scores = [one.scores[metric] for one in found]
    logs = [math.log(one.bytes) for one in found]
    at = min(max(int(np.searchsorted(scores, wanted)), 1), len(found) - 1)
    slope = (logs[at] - logs[at - 1]) / (scores[at] - scores[at - 1] or 1)
    return math.exp(logs[at] + slope * (wanted - scores[at]))


if __name__ == "__main__":
    main()
