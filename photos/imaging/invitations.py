"""What an invitation shows of a cover: soft, for those who have not joined, and cut for the
previews that messengers make of a link. JPEG, the colour profile and nothing else."""

from __future__ import annotations

import io

from PIL import Image, ImageFilter

from photos.imaging.crops import Focus, window

# What previews of links are shown in, everywhere.
LINK_SIZE = (1200, 630)
LINK_QUALITY = 82
# On the longest side; the browser makes it as large as the page.
SOFT_SIDE = 240
SOFT_QUALITY = 85
# Else one would see the edges of grains, which browsers enlarge.
SMOOTHING = 2.5
# Before it is blurred, a veiled face has so many pixels across, which leaves a spot with no eyes or
# mouth. Where faces are small the picture keeps more, where they are not known less.
FACE_GRAINS = 5
MOST_GRAINS, GRAINS_WHERE_UNKNOWN, FEWEST_GRAINS = 56, 16, 8
BLUR_GRAINS = 0.9


def soft(data: bytes, largest_face: float | None) -> Image.Image:
    """A rendition of which nothing finer is left than a few grains a face; `largest_face` is its
    width in parts of the picture's longest side, None where faces are not known."""
    with Image.open(io.BytesIO(data)) as image:
        small = _scaled(image, _grains(largest_face), Image.Resampling.BOX)
        blurred = small.filter(ImageFilter.GaussianBlur(BLUR_GRAINS))
        shown = _scaled(blurred, SOFT_SIDE, Image.Resampling.BICUBIC, image.size)
        shown = shown.filter(ImageFilter.GaussianBlur(SMOOTHING))
        shown.info = _kept(image)
        return shown


def opened(data: bytes) -> Image.Image:
    """A rendition as it is."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def for_link(image: Image.Image, focus: Focus) -> bytes:
    shape = LINK_SIZE[0] / LINK_SIZE[1]
    part = window(image.width, image.height, shape, focus)
    cut = image.convert("RGB").resize(
        LINK_SIZE, Image.Resampling.BICUBIC, box=(part[0], part[1], part[2], part[3])
    )
    cut.info = _kept(image)
    return to_jpeg(cut, LINK_QUALITY)


def to_jpeg(image: Image.Image, quality: int = SOFT_QUALITY) -> bytes:
    out = io.BytesIO()
    profile = image.info.get("icc_profile")
    image.save(out, "JPEG", quality=quality, icc_profile=profile, exif=b"", comment=b"")
    return out.getvalue()


def _grains(largest_face: float | None) -> int:
    if largest_face is None:
        return GRAINS_WHERE_UNKNOWN
    grains = FACE_GRAINS / largest_face if largest_face else MOST_GRAINS
    return round(min(MOST_GRAINS, max(FEWEST_GRAINS, grains)))


def _scaled(
    image: Image.Image, side: int, by: Image.Resampling, shape: tuple[int, int] | None = None
) -> Image.Image:
    """With that longest side, of the picture's shape or the one given."""
    width, height = shape or image.size
    longest = max(width, height)
    size = (max(1, round(width * side / longest)), max(1, round(height * side / longest)))
    return image.convert("RGB").resize(size, by)


def _kept(image: Image.Image) -> dict[str | tuple[int, int], object]:
    """Colours are read by the profile: all else that a file may say of itself is left out."""
    profile = image.info.get("icc_profile")
    return {"icc_profile": profile} if profile else {}
