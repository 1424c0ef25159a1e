"""A picture of 200 megapixels, as phones take them, is looked at within bounded memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from findme.env import ROOT

pytestmark = pytest.mark.engine

MOST_MEGABYTES = 700
MADE = """
import sys
from PIL import Image
tile = Image.effect_noise((1020, 1020), 60).convert("RGB")
picture = Image.new("RGB", (16_320, 12_240))
for left in range(0, picture.width, tile.width):
    for top in range(0, picture.height, tile.height):
        picture.paste(tile, (left, top))
picture.save(sys.argv[1], quality=80)
"""
# All that becomes of a photo: it is looked at, decoded, made smaller and searched for faces, also
# as closely as a crowd is.
DONE = """
import resource, sys
import django
django.setup()
from faces.vision import detector, engine
from photos.imaging import images, renditions
data = open(sys.argv[1], "rb").read()
images.inspect(data, max_bytes=10**9, max_megapixels=200)
image = images.decode(data, min_side=renditions.PREVIEW_SIDE)
assert max(image.pixels.shape) < 16_320
renditions.make(image)
engine.engine().detect(image)
engine.engine().detect(image.at_least(detector.CROWD_SIDE))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def run(program: str, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *args], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_two_hundred_megapixels_take_less_than_700_megabytes(tmp_path, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "findme.settings")
    photo = tmp_path / "large.jpg"
    run(MADE, str(photo))
    assert int(run(DONE, str(photo)).split()[-1]) < MOST_MEGABYTES
