"""What took a photo is kept for the desk alone, once an event."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from photos.intake.ingest import ingest
from photos.models import Camera, Photo
from tests.builders import make_event
from tests.photos.imaging.pictures import corners, encoded, of_camera

CANON = {"make": "Canon", "model": "EOS R5", "serial": "SN4711"}


def take(event, number, **notes):
    data = encoded(corners(), exif=of_camera(**notes), comment=str(number).encode())
    return ingest(event=event, data=io.BytesIO(data).read(), name="a.jpg", uploader=None).photo


@pytest.mark.django_db
def test_photos_of_one_device_have_one_camera_in_each_event(event):
    first, second = take(event, 1, **CANON), take(event, 2, **CANON)
    other, nameless = take(event, 3, **CANON | {"serial": "SN2"}), take(event, 4)
    elsewhere = take(make_event(), 5, **CANON)
    assert first.camera == second.camera
    assert len({first.camera, other.camera, elsewhere.camera}) == 3
    assert nameless.camera is None
    assert Camera.objects.filter(event=event, **CANON).get() == first.camera


@pytest.mark.django_db
def test_no_guest_is_told_of_a_camera(event, guest, as_user):
    photo = take(event, 1, **CANON)
    Photo.objects.filter(pk=photo.pk).update(status="ready")
    client = as_user(guest)
    for name in ("general", "photo"):
        args = [event.slug] if name == "general" else [event.slug, photo.pk]
        page = client.get(reverse(name, args=args))
        assert page.status_code == 200
        assert not [word for word in CANON.values() if word in page.content.decode()]


@pytest.mark.django_db(transaction=True)
def test_two_first_photos_of_a_device_at_once_are_both_taken():
    event = make_event()

    def one(number):
        try:
            return take(event, number, **CANON).camera_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        cameras = list(pool.map(one, range(4)))
    assert (set(cameras), len(cameras)) == ({Camera.objects.get().pk}, 4)
