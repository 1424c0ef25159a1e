"""A guest who is being looked for."""

import pytest

from faces.finding import enrolling, matching
from tests.builders import consent, make_question, make_selfie


@pytest.fixture
def selfie(event, guest):
    consent(guest, event)
    selfie = make_selfie(guest)
    enrolling.enroll_event(event.pk)
    return selfie


@pytest.fixture
def by_hand(monkeypatch):
    """Questions are made by hand: matching the guest again, after an answer, would find none."""
    monkeypatch.setattr(matching, "match_guest", lambda event, user_id: None)


@pytest.fixture
def asked(event, guest, selfie):
    """Five questions, the likeliest in the middle."""
    return [make_question(guest, event, similarity) for similarity in (70, 74, 78, 76, 72)]
