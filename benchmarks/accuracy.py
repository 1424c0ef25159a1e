"""How well guests are found: python benchmarks/accuracy.py DIR [--json]

DIR holds a folder for each person (DIR/<person>/*.jpg) and, if there are any, group photos in
DIR/group with labels.json: {"file.jpg": {"ids": ["<person>", ...]}}.

The first photo of each person is the selfie, all others are the event. Everything goes through the
product's own code: ingest, scan, enrolment, matching in the database.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from scratch import report, scratch_database

if TYPE_CHECKING:
    from events.models import Event

THRESHOLDS = (75, 80, 85, 90, 95)
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic"}

Truth = dict[str, set[str]]


def photos_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    people = {
        folder.name: photos_of(folder)
        for folder in sorted(options.dir.iterdir())
        if folder.is_dir() and folder.name != "group" and photos_of(folder)
    }
    with scratch_database():
        measure(options.dir, people, as_json=options.json)


def measure(root: Path, people: dict[str, list[Path]], *, as_json: bool) -> None:
    from events.models import Event

    today = date(2026, 1, 1)
    event = Event.objects.create(name="Accuracy", slug="accuracy", starts_on=today, ends_on=today)
    refused = enroll(event, people)
    truth = take_in(event, root, people)
    rows: dict[str, object] = {
        "people": len(people),
        "photos": len(truth),
        "selfies_refused": refused,
    }
    for threshold in THRESHOLDS:
        rows |= at_threshold(event, threshold, truth)
    report(f"Accuracy on {root}", rows, as_json=as_json)


def enroll(event: Event, people: dict[str, list[Path]]) -> list[str]:
    """Each person's first photo as a selfie. Returns who was refused."""
    from events.models import Membership, User
    from faces.errors import UnusableSelfie
    from faces.finding import enrolling

    refused = []
    for name, photos in people.items():
        user = User.objects.create_user(email=f"{name}@example.com", name=name)
        Membership.objects.create(user=user, event=event)
        try:
            enrolling.add_selfie(user=user, data=photos[0].read_bytes())
        except UnusableSelfie as error:
            refused.append(f"{photos[0].name}: {error.code}")
        enrolling.give_consent(user=user, event=event, language="en")
    enrolling.enroll_event(event.pk)
    return refused


def take_in(event: Event, root: Path, people: dict[str, list[Path]]) -> Truth:
    """All other photos into the event, scanned. Returns who is in which."""
    from faces.finding import scanning
    from faces.models import PhotoScan
    from photos.intake.ingest import ingest

    truth: Truth = {}
    files = [(path, {name}) for name, photos in people.items() for path in photos[1:]]
    labels = root / "group" / "labels.json"
    if labels.exists():
        for name, label in json.loads(labels.read_text()).items():
            files.append((root / "group" / name, set(label["ids"])))
    for path, ids in files:
        name = f"{path.parent.name}-{path.name}"
        ingest(event=event, data=path.read_bytes(), name=name, uploader=None)
        truth[name] = ids
    for pk in PhotoScan.objects.values_list("pk", flat=True):
        scanning.run(pk)
    return truth


def at_threshold(event: Event, threshold: int, truth: Truth) -> dict[str, object]:
    from faces.finding import matching
    from faces.models import FaceMatch

    event.match_threshold = threshold
    matching.match_everybody(event)
    found = set(FaceMatch.objects.values_list("photo__name", "user__name"))
    wanted = {(photo, name) for photo, names in truth.items() for name in names}
    right = len(found & wanted)
    return {
        f"precision_at_{threshold}": right / len(found) if found else 1.0,
        f"recall_at_{threshold}": right / len(wanted) if wanted else 1.0,
        f"wrong_at_{threshold}": sorted(" is not ".join(pair) for pair in found - wanted),
        f"missed_at_{threshold}": sorted(" lacks ".join(pair) for pair in wanted - found),
    }


if __name__ == "__main__":
    main()
