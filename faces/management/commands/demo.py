"""`manage.py demo`: an event with real photos, to try the product with."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.desk import organizing
from events.models import Event, Membership, User
from faces.vision import engine
from faces.vision.detection import Detection
from findme.env import DEMO_SELFIE, ROOT
from photos.imaging import images
from photos.imaging.images import DecodedImage
from photos.models import Photo

SAMPLES = ROOT / "node_modules" / "@vladmandic" / "face-api" / "demo"


class Command(BaseCommand):
    help = (
        "Make the demo event: six party photos, and a selfie of a guest who is in two of them. "
        "With --photos, an event of your own pictures. Running it again adds nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--photos", metavar="DIR", type=Path, help="a folder of your own photos"
        )

    def handle(self, *, photos: Path | None, verbosity: int, **options: Any) -> None:
        if photos is None:
            event = _event("demo", "Demo party")
            paths = _samples()
            _make_selfie(paths[0])
        elif photos.is_dir():
            event = _event("my-demo", f"Demo: {photos.resolve().name}"[:120])
            paths = [photos]
        else:
            raise CommandError(f"{photos} is not a folder.")
        _add_organizers(event)
        call_command(
            "import_photos",
            event.slug,
            *map(str, paths),
            verbosity=verbosity,
            stdout=self.stdout,
            stderr=self.stderr,
        )
        if photos is None:
            _make_one_evening(event)
        if verbosity:
            self.stdout.write(f"Guest link: {settings.SITE_URL}{event.get_join_url()}")
            if photos is None:
                self.stdout.write(f"Selfie of a guest to try it with: {DEMO_SELFIE}")


def _samples() -> list[Path]:
    """The six sample photos of the npm package @vladmandic/face-api (MIT)."""
    paths = sorted(SAMPLES.glob("sample*.jpg"))
    if not paths:
        raise CommandError(
            "The sample photos are not installed: they come with the development packages "
            "(npm ci). Use --photos DIR for your own."
        )
    return paths


def _event(slug: str, name: str) -> Event:
    today = timezone.localdate()
    event, _ = Event.objects.get_or_create(
        slug=slug,
        defaults={
            "name": name,
            "starts_on": today - timedelta(days=1),
            "ends_on": today,
            "welcome": "Photos of one evening. Give a selfie, and see the ones you are in.",
            "controller_name": "The hosts of the demo",
            "controller_contact": "hosts@example.com",
        },
    )
    organizing.take_out_of_bin(event, by=None)  # whoever asks for the demo wants it
    return event


def _make_one_evening(event: Event) -> None:
    """The samples were taken at six parties in as many years; the demo is one."""
    evening = datetime.combine(event.starts_on, time(20, 10), event.zone)
    for n, photo in enumerate(Photo.objects.in_event(event).order_by("name")):
        taken_at = evening + n * timedelta(minutes=17)
        Photo.objects.filter(pk=photo.pk).exclude(taken_at=taken_at).update(taken_at=taken_at)


def _add_organizers(event: Event) -> None:
    for user in User.objects.filter(is_superuser=True):
        Membership.objects.get_or_create(
            user=user, event=event, defaults={"role": Membership.Role.ORGANIZER}
        )


def _make_selfie(sample: Path) -> None:
    """Cut the guest at the right of the first sample out."""
    image = images.decode(sample.read_bytes(), min_side=None)
    face = max(engine.engine().detect(image), key=lambda found: found.x)
    DEMO_SELFIE.parent.mkdir(parents=True, exist_ok=True)
    DEMO_SELFIE.write_bytes(selfie_of(image, face))


def selfie_of(image: DecodedImage, face: Detection) -> bytes:
    """A JPEG of one person of a photo, with head and shoulders."""
    margin = 0.9
    top = max(0, int(face.y - margin * face.height))
    left = max(0, int(face.x - margin * face.width))
    bottom = int(face.y + (1 + margin) * face.height)
    right = int(face.x + (1 + margin) * face.width)
    selfie = DecodedImage(image.pixels[top:bottom, left:right].copy(), image.icc_profile)
    return images.to_jpeg(selfie, 92)
