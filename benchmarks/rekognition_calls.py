"""What recognition costs at Amazon: python benchmarks/rekognition_calls.py [--photos 100] [--json]

Group photos of 12 megapixels and 3 guests, once the original's way (find the faces of each photo,
cut each out, search each) and once ours, against the same test server of Rekognition's protocol,
which looks with the local engine. Calls are the server's own count. Seconds are with one process
and include the server's work; --latency-ms adds what the way to Amazon takes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import make_photos, selfies
from scratch import report, scratch_database

if TYPE_CHECKING:
    from tests.rekognition.server import RekognitionServer

    Matches = set[tuple[int, str]]

BILLED = ("IndexFaces", "SearchFaces", "SearchFacesByImage", "DetectFaces", "CompareFaces")
THRESHOLD = 85
DOLLARS = 0.001


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ |= {"FACE_INDEX": "rekognition", "REKOGNITION_CALLS_PER_SECOND": "100000"}
    os.environ |= {"AWS_REGION": "us-east-1"}
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        photos = make_photos(Path(folder), options.photos)
        with service(options.latency_ms / 1000) as server:
            original, faces = measured(server, lambda: the_original(photos))
            ours, _ = measured(server, lambda: the_product(photos))
    rows: dict[str, object] = {"photos": len(photos), "faces": faces, "guests": 3}
    for name in ("calls", "dollars", "seconds"):
        rows |= {f"original_{name}": original[name], f"our_{name}": ours[name]}
        rows[f"{name}_ratio"] = original[name] / ours[name]
    rows["the_least_our_way"] = len(photos) + 2 * 3
    rows["matches_of_both"] = len(original["matches"] & ours["matches"])
    rows["only_of_the_original"] = len(original["matches"] - ours["matches"])
    rows["only_of_ours"] = len(ours["matches"] - original["matches"])
    report("Rekognition, the original's way and ours", rows, as_json=options.json)


@contextmanager
def service(latency_seconds: float) -> Iterator[RekognitionServer]:
    from tests.rekognition.server import Fault, RekognitionServer
    from tests.rekognition.server.eyes import LocalEyes

    with RekognitionServer(eyes=LocalEyes()) as server:
        os.environ |= server.environment
        if latency_seconds:
            server.script(Fault(kind="slow_reply", seconds=latency_seconds))
        yield server


def measured(server: RekognitionServer, work: Any) -> tuple[dict[str, Any], int]:
    before = sum(server.calls[name] for name in BILLED)
    began = time.perf_counter()
    matches, faces = work()
    seconds = time.perf_counter() - began
    calls = sum(server.calls[name] for name in BILLED) - before
    figures = {"calls": calls, "dollars": calls * DOLLARS, "seconds": seconds, "matches": matches}
    return figures, faces


def the_original(photos: list[Path]) -> tuple[Matches, int]:
    """Selfies indexed; in each photo faces are found, cut out and searched one by one."""
    import boto3

    client = boto3.client("rekognition")
    client.create_collection(CollectionId="original")
    for guest, selfie in enumerate(selfies()):
        client.index_faces(
            CollectionId="original", Image={"Bytes": selfie}, ExternalImageId=str(guest)
        )
    matches: Matches = set()
    faces = 0
    for path in photos:
        for crop in crops_of(client, path):
            faces += 1
            try:
                answer = client.search_faces_by_image(
                    CollectionId="original", Image={"Bytes": crop}, FaceMatchThreshold=THRESHOLD
                )
            except client.exceptions.InvalidParameterException:
                continue  # the face is lost in the crop
            for match in answer["FaceMatches"]:
                matches.add((int(match["Face"]["ExternalImageId"]), path.name))
    return matches, faces


def crops_of(client: Any, path: Path) -> Iterator[bytes]:
    """With half a face around each, as the original cut them."""
    from photos.imaging import images
    from photos.imaging.images import DecodedImage

    photo = images.decode(path.read_bytes(), min_side=None)
    data = images.to_jpeg(photo, 90)
    for face in client.detect_faces(Image={"Bytes": data})["FaceDetails"]:
        box = face["BoundingBox"]
        left = max(0, int((box["Left"] - box["Width"] / 2) * photo.width))
        top = max(0, int((box["Top"] - box["Height"] / 2) * photo.height))
        right = int((box["Left"] + 1.5 * box["Width"]) * photo.width)
        bottom = int((box["Top"] + 1.5 * box["Height"]) * photo.height)
        crop = DecodedImage(photo.pixels[top:bottom, left:right].copy())
        if min(crop.width, crop.height) >= images.MIN_SIDE_PIXELS:
            yield images.to_jpeg(crop, 90)


def the_product(photos: list[Path]) -> tuple[Matches, int]:
    """Ingest, enrolment, scans and the search at the end, as workers do them, without pauses."""
    from datetime import date, timedelta

    from pipeline import enroll_guests

    from events.models import Event
    from faces.finding import enrolling, scanning, searching
    from faces.models import FaceMatch, PhotoScan
    from photos.intake.ingest import ingest

    searching.QUIET = searching.SETTLING = timedelta(0)
    today = date(2026, 1, 1)
    event = Event.objects.create(name="Costs", slug="costs", starts_on=today, ends_on=today)
    enroll_guests(event)
    enrolling.enroll_event(event.pk)
    for path in photos:
        ingest(event=event, data=path.read_bytes(), name=path.name, uploader=None)
    for scan_id in PhotoScan.objects.values_list("pk", flat=True):
        scanning.run(scan_id)
    searching.settle(event)
    found = FaceMatch.objects.values_list("user__name", "photo__name")
    matches = {(int(name.removeprefix("Guest ")), photo) for name, photo in found}
    return matches, sum(PhotoScan.objects.values_list("face_count", flat=True))


if __name__ == "__main__":
    main()
