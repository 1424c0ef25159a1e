"""One large picture at a time, and a word for whoever cannot wait."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from faces.errors import UnusableSelfie
from faces.finding import enrolling
from findme.refusals import words_of
from photos.imaging import gate, images
from photos.imaging.gate import BusyLooking
from tests.builders import agreeing
from tests.fakes import picture


@pytest.fixture
def busy(monkeypatch):
    """Another thread decodes, and does not end."""
    monkeypatch.setattr(gate, "WAIT_SECONDS", 0.01)
    is_in, may_go = threading.Event(), threading.Event()

    def stay():
        with gate.one_at_a_time():
            is_in.set()
            may_go.wait(30)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(stay)
        is_in.wait(30)
        yield
        may_go.set()


def large(kind: str, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (5200, 400)).save(out, kind)
    return out.getvalue()


def test_a_selfie_waits_so_long_and_is_told(busy):
    with pytest.raises(BusyLooking):
        enrolling.check(picture([1]))


def test_a_picture_without_its_end_waits_too(busy):
    whole = large("PNG")
    with pytest.raises(BusyLooking):
        images.inspect(whole[:-12], max_bytes=2**20, max_megapixels=24)
    images.inspect(whole, max_bytes=2**20, max_megapixels=24)


@pytest.mark.django_db
def test_the_pages_say_that_others_are_looked_at(busy, as_user, event, guest):
    client, words = as_user(guest), words_of("busy_looking")
    for name in ("selfie", "check_selfie"):
        selfie = SimpleUploadedFile("a.jpg", picture([1]), "image/jpeg")
        data = {"image": selfie, **agreeing(event)}
        answer = client.post(reverse(name, args=[event.slug]), data)
        assert (answer.status_code, words in answer.content.decode()) == (503, True)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_cannot_be_decoded_small_may_have_fewer_pixels(monkeypatch, kind):
    monkeypatch.setitem(enrolling.MOST_MEGAPIXELS, kind, 2)
    monkeypatch.setattr(images, "decode", lambda *args, **kwargs: pytest.fail("was decoded"))
    with pytest.raises(UnusableSelfie, match="selfie_too_many_pixels"):
        enrolling.check(large(kind))


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("WEBP", "RGB"), ("JPEG", "CMYK")])
def test_a_selfie_is_small_as_soon_as_it_is_decoded(kind, mode):
    image = images.decode(large(kind, mode), min_side=1280, is_small=True)
    assert (image.width, image.height) == (1300, 100)
    assert image.at_least(5200).width == 5200
