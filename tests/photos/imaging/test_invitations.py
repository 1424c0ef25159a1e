"""The pictures of an invitation: soft, or cut for previews of its link."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from faces.vision import engine
from photos.imaging import images, invitations, renditions
from photos.imaging.crops import NOBODY


def as_jpeg(image, **more):
    out = io.BytesIO()
    image.save(out, "JPEG", **more)
    return out.getvalue()


def test_a_preview_of_the_link_is_as_large_as_messengers_want_and_says_nothing_of_a_camera():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    photo = as_jpeg(Image.new("RGB", (900, 1200)), exif=exif, comment=b"x", icc_profile=profile)
    for image in (invitations.opened(photo), invitations.soft(photo, 0.1)):
        made = invitations.for_link(image, NOBODY)
        shown = Image.open(io.BytesIO(made))
        assert shown.size == (1200, 630)
        assert set(shown.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"} == {
            "icc_profile"
        }


@pytest.mark.engine
def test_nobody_is_found_on_a_veiled_cover(samples):
    photo = images.decode(samples[0].read_bytes(), min_side=2000)
    seen = engine.engine().detect(photo)
    veiled = invitations.soft(
        renditions.make(photo).thumbnail,
        max(face.width for face in seen) / max(photo.width, photo.height),
    )
    enlarged = as_jpeg(veiled.resize((1500, 1000)))
    assert seen
    assert engine.engine().detect(images.decode(enlarged, min_side=None)) == []


def test_a_veiled_cover_is_softer_where_it_is_not_known_who_is_on_it():
    stripes = np.zeros((320, 480, 3), np.uint8)
    stripes[:, ::40] = stripes[:, 1::40] = 255
    data = as_jpeg(Image.fromarray(stripes))
    known, unknown = (np.asarray(invitations.soft(data, face)).std() for face in (0.05, None))
    assert known > 2 * unknown
