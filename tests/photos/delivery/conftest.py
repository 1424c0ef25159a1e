"""What tests of deliveries share: an event whose originals leave, and the files they leave by."""

import tempfile

import pytest

from events.models import Event


@pytest.fixture
def originals(event):
    event.downloads = Event.Downloads.ORIGINAL
    event.save()
    return event


@pytest.fixture
def opened(monkeypatch):
    """The files that photos are stripped in."""
    files, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: files.append(make()) or files[-1])
    return files
