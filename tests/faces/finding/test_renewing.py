"""A rematch: when it is begun, what it has looked at again, and who ends it."""

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from events.models import Event
from faces.finding import renewing
from faces.models import GuestModel, Rematch
from tests.faces.finding.party import Party

pytestmark = pytest.mark.django_db


@pytest.fixture
def guests_only(event):
    """A small party where only guests are looked for; nothing waits."""
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    event.refresh_from_db()
    party = Party(event, photos=3)
    party.bring(party.everything())
    OrmQ.objects.all().delete()
    return event


def make_stale():
    GuestModel.objects.update(is_stale=True, renewed_at=timezone.now() - renewing.BUSY)


def job_names():
    return [task.task["name"].rsplit("-", 1)[0] for task in OrmQ.objects.all()]


def test_what_somebody_began_anew_is_not_ended_by_who_finished_before(guests_only):
    renewing.begin(guests_only)
    finished = renewing.rematch(guests_only)
    renewing.begin_with_everybody(guests_only)
    renewing.end(finished)
    assert Rematch.objects.get().everybody
