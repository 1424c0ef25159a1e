"""What a session remembers of questions to a person: how many were answered at a sitting, and the
last."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from events.models import Event, User

KEY = "questions"
# More would make work of it; the others wait under "Missing some?".
MOST = 3
# Whoever comes back after that comes anew.
REST = timedelta(hours=1)


@dataclass(frozen=True)
class Given:
    """An answer, and how many photos My Photos gained by it."""

    photo_id: int
    face_id: int
    answer: str
    gained: int


@dataclass(frozen=True)
class Sitting:
    """Its repr is a part of what My Photos is revalidated by."""

    count: int = 0
    last: Given | None = None

    @property
    def is_over(self) -> bool:
        return self.count >= MOST


def sitting(session: SessionBase, event: Event, person: User) -> Sitting:
    """The one that is on, or one that begins. Writes nothing."""
    kept = session.get(KEY, {}).get(_place(event, person))
    if kept is None or kept["at"] < (timezone.now() - REST).timestamp():
        return Sitting()
    last = kept["last"]
    return Sitting(kept["count"], Given(**last) if last else None)


def note(session: SessionBase, event: Event, person: User, given: Given) -> Sitting:
    """An answer was given."""
    count = sitting(session, event, person).count + 1
    return _keep(session, _place(event, person), count, given)


def forget_last(session: SessionBase, event: Event, person: User) -> Sitting:
    """The last answer was taken back, or cannot be."""
    count = max(0, sitting(session, event, person).count - 1)
    return _keep(session, _place(event, person), count, None)


def _keep(session: SessionBase, place: str, count: int, last: Given | None) -> Sitting:
    kept: dict[str, Any] = {
        "count": count,
        "at": timezone.now().timestamp(),
        "last": asdict(last) if last else None,
    }
    session[KEY] = session.get(KEY, {}) | {place: kept}
    return Sitting(count, last)


def _place(event: Event, person: User) -> str:
    return f"{event.pk}-{person.pk}"
