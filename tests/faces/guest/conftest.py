"""A guest who is being looked for."""

import pytest

from faces.finding import enrolling
from tests.builders import consent, make_selfie


@pytest.fixture
def selfie(event, guest):
    consent(guest, event)
    selfie = make_selfie(guest)
    enrolling.enroll_event(event.pk)
    return selfie
