"""The line before the server's archives: the first in it is let in, and nobody before.

All processes share it, and each has room of its own: the first gets in at the first process with
some that answers it. So nobody is overtaken by who came later, however often they are told to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, pairwise
from urllib.parse import urlencode

from django.core import signing
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse

from events.access import user_of
from events.models import Event, User
from photos.delivery.downloads import PhotoFile, Size
from photos.turn_models import ArchiveTurn

# How soon a page asks again: the first in line often, others the more seldom the more there are.
SOON_SECONDS, LATE_SECONDS = 3, 15
# What a slow phone may take from one answer to its next question.
GRACE_SECONDS = 12
# A page that was left open for longer waits no more. The address says all that it wants until then.
KEPT_SECONDS = 24 * 60 * 60
_SALT = "photos.archive_turn"


@dataclass(frozen=True)
class Wish:
    """What a guest waits for: some photos in a size as an archive of that name, at a turn."""

    turn: int
    photo_ids: Sequence[int]
    size: Size
    name: str

    def address(self, event: Event, user: User) -> str:
        """The page that waits for it, for that guest alone. A thousand photos are 2 kB of it."""
        steps = [after - before for before, after in pairwise([0, *self.photo_ids])]
        said = [event.pk, user.pk, self.turn, self.size.value, self.name, steps]
        wish = signing.dumps(said, salt=_SALT, compress=True)
        return f"{reverse('download_packed', args=[event.slug])}?{urlencode({'wish': wish})}"


def begin(files: Sequence[PhotoFile], size: Size, name: str) -> Wish:
    """At the end of the line."""
    turn = ArchiveTurn.objects.create(waits_until=_in(SOON_SECONDS))
    return Wish(turn.pk, sorted(file.photo_id for file in files), size, name)


def wish_of(request: HttpRequest, event: Event) -> Wish | None:
    """What the address says, if it was given to this guest."""
    try:
        said = signing.loads(request.GET.get("wish", ""), salt=_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    event_id, user_id, turn, size, name, steps = said
    if (event_id, user_id) != (event.pk, user_of(request).pk):
        return None
    return Wish(turn, list(accumulate(steps)), Size(size), name)


def ahead(turn: int | None = None) -> int:
    """How many wait who came earlier, or at all."""
    waiting = ArchiveTurn.objects.waiting()
    return (waiting.filter(pk__lt=turn) if turn is not None else waiting).count()


def keep(turn: int, ahead: int) -> int:
    """Hold the place until the page asks again: in how many seconds, is returned."""
    seconds = min(SOON_SECONDS + ahead // 2, LATE_SECONDS)
    ArchiveTurn.objects.bulk_create(
        [ArchiveTurn(pk=turn, waits_until=_in(seconds))],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["waits_until"],
    )
    return seconds


def end(turn: int) -> None:
    ArchiveTurn.objects.filter(pk=turn).delete()


def sweep() -> None:
    """Those who have gone lose their places; who comes back has theirs again."""
    ArchiveTurn.objects.filter(waits_until__lt=Now()).delete()


def _in(seconds: int) -> Combinable:
    return Now() + timedelta(seconds=seconds + GRACE_SECONDS)
