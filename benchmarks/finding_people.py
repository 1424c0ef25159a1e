"""Whose pictures make a party: folders of people, their halves, and who is in which picture."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

SUFFIXES = {".jpg", ".jpeg", ".png"}
# Pictures of several, with labels: {"file.jpg": {"ids": ["<person>", ...]}}.
GROUP = "group"
HALVES = ("tune", "test", "all")
# Smaller pictures are refused before anybody looks for faces in them.
SMALL_SIDE = 110
People = dict[str, list[Path]]


@dataclass(frozen=True)
class Picture:
    """A photo of the event: a file, as it is or spoiled in one of `WAYS`, and who of the guests
    and bystanders is in it."""

    path: Path
    people: frozenset[str]
    way: str = ""

    @property
    def name(self) -> str:
        return "-".join(filter(None, [self.path.parent.name, self.way, self.path.name]))

    def read(self) -> bytes:
        data = self.path.read_bytes()
        return spoiled(data, self.way) if self.way else data


def half_of(person: str) -> str:
    """Whether constants may be chosen by this person's pictures, or only be judged by them."""
    return HALVES[_hashed(person) % 2]


def people_in(root: Path, *, half: str, limit: int | None, photos: int | None) -> People:
    """The first `photos` pictures of each of the first `limit` people of a half, in the order of
    their names' hashes, so that a part of a set is a sample of it."""
    folders = [folder for folder in root.iterdir() if folder.is_dir() and folder.name != GROUP]
    chosen = [folder for folder in folders if half in ("all", half_of(folder.name))]
    people = {folder.name: _pictures_in(folder)[:photos] for folder in sorted(chosen, key=_by_hash)}
    return dict([(name, paths) for name, paths in people.items() if paths][:limit])


def event_of(root: Path, people: People, ways: Iterable[str], *, as_it_is: bool) -> list[Picture]:
    """Every picture of these people: as it is, and in each of these ways; or in one of them."""
    plain = [Picture(path, frozenset([name])) for name, paths in people.items() for path in paths]
    # Those of strangers belong to every event.
    groups = [(path, ids) for path, ids in _groups(root) if not ids or ids & people.keys()]
    plain += [Picture(path, ids & people.keys()) for path, ids in groups]
    ways = list(ways)
    if not ways:
        return plain
    if as_it_is:
        return plain + [Picture(p.path, p.people, way) for p in plain for way in ways]
    return [Picture(p.path, p.people, ways[_hashed(p.name) % len(ways)]) for p in plain]


def selfies_of(name: str, paths: list[Path], choice: int, count: int) -> list[Path]:
    """The pictures that a guest gives as selfies: others in each choice, and never their last."""
    order = sorted(paths, key=lambda path: _hashed(f"{name}/{path.name}"))
    count = min(count, len(order) - 1)
    return [order[(choice + number) % len(order)] for number in range(count)]


def spoiled(data: bytes, way: str) -> bytes:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    out = WAYS[way](image)
    quality = 30 if way == "compressed" else 90
    return bytes(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def _small(image: np.ndarray) -> np.ndarray:
    scale = min(1, max(0.3, SMALL_SIDE / min(image.shape[:2])))
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _blurred(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), min(image.shape[:2]) / 90)


def _dim(image: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(7).normal(0, 2, image.shape)
    return (image * 0.14 + noise).clip(0, 255).astype(np.uint8)


def _turned(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 20, 1)
    return cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REFLECT)


# What happens to photos at parties. Turned and compressed ones cost little, the others much.
WAYS = {
    "small": _small,
    "blurred": _blurred,
    "dim": _dim,
    "turned": _turned,
    "compressed": lambda image: image,
}


def _pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def _groups(root: Path) -> list[tuple[Path, frozenset[str]]]:
    labels = root / GROUP / "labels.json"
    if not labels.exists():
        return []
    read = json.loads(labels.read_text())
    return [(root / GROUP / name, frozenset(label["ids"])) for name, label in read.items()]


def _by_hash(folder: Path) -> int:
    return _hashed(folder.name)


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
