"""What tests of deliveries share: an event whose originals leave, and the files they leave by."""

import tempfile

import pytest

from events.models import Event
from photos.delivery import outgoing


@pytest.fixture
def originals(event):
    event.downloads = Event.Downloads.ORIGINAL
    event.save()
    return event


@pytest.fixture
def opened(monkeypatch):
    """The files that photos are stripped in; none is kept for the next who wants it."""
    monkeypatch.setattr(outgoing, "KEPT_SECONDS", 0)
    files, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: files.append(make()) or files[-1])
    return files
