"""The eyes of a thread."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from faces.vision import engine
from faces.vision.embedder import DIMENSION
from photos.imaging.images import DecodedImage


@pytest.mark.engine
def test_no_faces_have_no_templates() -> None:
    grey = DecodedImage(np.full((300, 400, 3), 128, np.uint8))
    assert engine.engine().detect(grey) == []
    assert engine.engine().embed(grey, []).shape == (0, DIMENSION)


@pytest.mark.engine
def test_each_thread_has_its_own_engine() -> None:
    engines = {id(engine.engine()): engine.engine()}
    thread = threading.Thread(target=lambda: engines.update({0: engine.engine()}))
    thread.start()
    thread.join()
    assert engines[0] is not engine.engine()
    assert engine.engine() is engine.engine()
