"""What hides a part of a face: sunglasses, and a mask over mouth and nose.

Measured on 80 frontal faces of 80 px and more, of ordinary photos, and on copies of them: with
glasses, masks and sunglasses painted on by their landmarks, darker, blurred, noisy, grey.
"""

from __future__ import annotations

import cv2
import numpy as np

from faces.vision.detection import Floats
from photos.imaging.pixels import Pixels

# Rows and columns of the aligned crop, whose eyes, nose and mouth are always in the same places.
EYES = ((slice(46, 62), slice(29, 48)), (slice(46, 62), slice(65, 84)))
CHEEKS = ((slice(70, 84), slice(30, 42)), (slice(70, 84), slice(70, 82)))
BOTH_EYES = (slice(44, 60), slice(24, 88))
MOUTH = (slice(84, 102), slice(38, 74))
# The brighter eye's grey in parts of the cheeks'. Faces have 0.63 and more, and 0.42 in copies made
# as contrasty as a gamma of 2 does; lenses that let 5 or 10 % through are below in 95 and 94 of a
# hundred, with reflections in 94, those that let 15 % through in 75. A darker skin changes both.
DARK_EYES = 0.3
# The mouth's fine detail in parts of the eyes'. Faces have 0.6 and more, behind glasses 0.3; masks
# 0.1 to 0.5.
SMOOTH_MOUTH = 0.5
# How much redder lips are than what is around them: a* of CIELAB, its 90th hundredth less its 20th.
# Faces have 4.9 and more, and the faintest behind glasses too. Masks of six colours are below both
# in 95 to 99 of a hundred, no face is in any of the copies.
PALE_MOUTH = 4.0


def wears_sunglasses(crop: Pixels) -> bool:
    """By the aligned crop: whether both eyes are much darker than the cheeks."""
    grey = _grey(crop)
    eyes = max(float(np.median(grey[eye])) for eye in EYES)
    cheeks = float(np.median(np.concatenate([grey[cheek].ravel() for cheek in CHEEKS])))
    return eyes < DARK_EYES * cheeks


def wears_mask(crop: Pixels) -> bool:
    """By the aligned crop: whether neither lips nor their colour are seen where the mouth is."""
    smooth = np.asarray(cv2.GaussianBlur(_grey(crop), (0, 0), 1.0), np.float32)
    if _detail(smooth[MOUTH]) >= SMOOTH_MOUTH * _detail(smooth[BOTH_EYES]):
        return False
    redness = cv2.cvtColor(np.asarray(crop / 255, np.float32), cv2.COLOR_RGB2LAB)[..., 1]
    faint, strong = np.percentile(redness[MOUTH], (20, 90))
    return bool(strong - faint < PALE_MOUTH)


def _grey(crop: Pixels) -> Floats:
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.float32)


def _detail(patch: Floats) -> float:
    return float(np.abs(np.diff(patch, axis=0)).mean())
