"""Real faces, seen by both indexes."""

import io

import numpy as np
import pytest
from PIL import Image

from events.models import Event
from faces import tasks
from faces.finding import enrolling
from faces.index import rekognition as service
from faces.index.indexes import index_of
from faces.management.commands.demo import selfie_of
from faces.models import FaceMatch
from faces.vision import engine
from photos.imaging import images
from photos.imaging.images import DecodedImage
from photos.intake.ingest import ingest
from tests.builders import add_member, consent, make_event, make_photo, make_user
from tests.workers import run_jobs

pytestmark = [pytest.mark.rekognition, pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture
def guests(samples):
    """The three largest faces of the first photo, each with a selfie cut out of it."""
    image = images.decode(samples[0].read_bytes(), min_side=None)
    guests = []
    for face in engine.engine().detect(image)[:3]:
        user = make_user()
        enrolling.add_selfie(user=user, data=selfie_of(image, face))
        guests.append(user)
    return guests


def party(guests, samples, settings, *, kind, **fields):
    """Who is shown which photo of an event that uses this index, and who is shown or asked."""
    settings.FACE_INDEX = kind
    event = make_event(**fields)
    for guest in guests:
        add_member(event, guest)
        consent(guest, event)
    for path in samples:
        ingest(event=event, data=path.read_bytes(), name=path.name, uploader=None)
    enrolling.enroll_event(event.pk)
    run_jobs()
    tasks.settle(event.pk)
    found = FaceMatch.objects.in_event(event)
    pairs = "user", "photo__name"
    return set(found.counting().values_list(*pairs)), set(found.values_list(*pairs))


def agree(one, other):
    """Nobody is shown by one what the other does not even ask about. A pair on the border is shown
    by one and asked by the other, by what is cut of the face and how the processor rounds."""
    return one[0] <= other[1] and other[0] <= one[1]


def test_both_indexes_find_the_same_guests_in_the_same_photos(
    guests, samples, settings, rekognition
):
    local = party(guests, samples, settings, kind="local")
    assert len({user for user, _ in local[0]}) == 3
    assert agree(local, party(guests, samples, settings, kind="rekognition"))
    assert rekognition.calls["IndexFaces"] == len(samples) + 3
    only = Event.Indexing.GUESTS_ONLY
    assert agree(local, party(guests, samples, settings, kind="rekognition", indexing=only))


def as_phone_held_upright(photo):
    """Pixels on their side, and a note to turn them."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()


def as_kind(kind):
    def save(photo):
        out = io.BytesIO()
        photo.save(out, kind, quality=92)
        return out.getvalue()

    return save


@pytest.mark.parametrize(
    "make", [as_kind("JPEG"), as_phone_held_upright, as_kind("PNG"), as_kind("HEIF")]
)
def test_boxes_are_where_the_faces_are_in_the_upright_photo(samples, event, rekognition, make):
    data = make(Image.open(samples[0]).convert("RGB"))
    image = images.decode(data, min_side=2000)
    seen = index_of(event).scan(make_photo(event).pk, image)
    wanted = [
        ((face.x + face.width / 2) / image.width, (face.y + face.height / 2) / image.height)
        for face in engine.engine().detect(image)
    ]
    assert len(seen) == len(wanted) == 3
    for x, y in wanted:
        assert any(f.left < x < f.left + f.width and f.top < y < f.top + f.height for f in seen)


def test_a_picture_over_5_mb_is_sent_smaller():
    noise = np.random.default_rng(1).integers(0, 255, (3000, 4000, 3), np.uint8)
    assert len(images.to_jpeg(DecodedImage(noise), 90)) > service.MAX_BYTES
    sent = service.sent(DecodedImage(noise))
    assert len(sent) <= service.MAX_BYTES
    assert images.decode(sent, min_side=None).width >= 2000
