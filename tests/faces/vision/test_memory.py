"""A picture of 200 megapixels, as phones take them, is looked at within bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from findme.env import ROOT

STATUS = Path("/proc/self/status")
pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not STATUS.exists(), reason="only Linux says what a process had at most"),
]

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
import re, sys
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
# Not `ru_maxrss`, which counts what the process that began this one had.
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
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
