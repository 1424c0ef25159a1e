"""The smaller pictures that galleries show: upright, without metadata.

The preview is both the viewer's picture and the web size that guests download, whose length
`photos.delivery.downloads` announces from `Photo.preview_size` before it reads a byte. The pixels
it is made of are shared with the detector (`DecodedImage.at_most`), so nothing, such as a
watermark, may be drawn on them in place.
"""

from __future__ import annotations

from dataclasses import dataclass

from photos.imaging import images
from photos.imaging.images import DecodedImage

# Pixels of the longest side. Pages hand them on to the viewer's script. A tile is up to 450 points
# wide on a laptop and 200 on a phone: there these are more than two pixels a point.
THUMBNAIL_SIDE = 440
# As many as a phone's 360 points across have: there the viewer needs no other until one zooms.
MEDIUM_SIDE = 1080
# Half of a phone's 12 megapixels (4000 x 3000, 4032 x 3024): a JPEG's own transform makes that
# while it is decoded, in 60 ms instead of 120.
PREVIEW_SIDE = 2000
# Thumbnail and medium are WebP, of a quarter fewer bytes than JPEGs that look as good: those of
# qualities 80 and 75 (decision 29). The preview is a JPEG, which guests take home.
WEBP_QUALITY = 81
# How hard the encoder tries: with 4 they are 7 % smaller still, for more than twice the time.
WEBP_METHOD = 2
PREVIEW_QUALITY = 85


@dataclass(frozen=True)
class Renditions:
    preview: bytes
    medium: bytes
    thumbnail: bytes
    blurhash: str


def make(image: DecodedImage) -> Renditions:
    """The renditions (the longest side as above, never enlarged), the placeholder."""
    preview = images.resize(image, PREVIEW_SIDE)
    # This copy is not kept with the preview: the detector would make its own of 640 px out of it.
    medium = images.resize(DecodedImage(preview.pixels, preview.icc_profile), MEDIUM_SIDE)
    thumbnail = images.resize(medium, THUMBNAIL_SIDE)
    return Renditions(
        preview=images.to_jpeg(preview, PREVIEW_QUALITY),
        medium=images.to_webp(medium, WEBP_QUALITY, method=WEBP_METHOD),
        thumbnail=images.to_webp(thumbnail, WEBP_QUALITY, method=WEBP_METHOD),
        blurhash=images.blurhash(thumbnail),
    )
