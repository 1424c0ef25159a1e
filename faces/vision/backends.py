"""Which library runs the networks here: `FACE_BACKEND`, or the fastest that is installed."""

from __future__ import annotations

import logging
from functools import cache
from importlib.util import find_spec

from django.conf import settings

from faces.vision.networks import Backend

logger = logging.getLogger(__name__)

AUTO, OPENVINO, OPENVINO_F32, OPENCV = "auto", "openvino", "openvino-f32", "opencv"
CHOICES = (AUTO, OPENVINO, OPENVINO_F32, OPENCV)


def chosen() -> Backend:
    """Loads the library at first use. Raises `ImportError` where the one asked for is not there."""
    return _loaded(settings.FACE_BACKEND)


def problem() -> str | None:
    """What is wrong with the setting, in plain words, without loading anything."""
    choice = settings.FACE_BACKEND
    if choice not in CHOICES:
        return f"FACE_BACKEND is “{choice}”; known are: {', '.join(CHOICES)}."
    if choice in (OPENVINO, OPENVINO_F32) and find_spec("openvino") is None:
        return f"FACE_BACKEND is “{choice}”, and the package openvino is not installed."
    return None


@cache
def _loaded(choice: str) -> Backend:
    if choice == OPENCV:
        return _opencv()
    try:
        return _openvino("f32" if choice == OPENVINO_F32 else None)
    # A library that does not fit the machine fails in its own ways: OSError, RuntimeError.
    except Exception as error:
        if choice != AUTO:
            raise ImportError("OpenVINO cannot be loaded") from error
        logger.info("face_backend_opencv reason=%s", type(error).__name__)
        return _opencv()


def _openvino(precision: str | None) -> Backend:
    from faces.vision import openvino_networks

    return openvino_networks.backend(precision)


def _opencv() -> Backend:
    from faces.vision import opencv_networks

    return opencv_networks.BACKEND
