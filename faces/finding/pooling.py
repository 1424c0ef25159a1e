"""Pools of a guest's selfies, where a remote index looks for guests only: the faces of a photo are
compared with pools, so that each guest is known by all of their selfies at once.

A pool is named after the selfie that it began with: that is nobody's name, and who died half-way
finds the same pool again. Until it can be searched its selfies have no pool in our rows, and photos
are compared with the others; then photos that were looked at without it are looked at again
(`EnrollmentQuerySet.not_looked_for`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from events.models import Event
from faces.errors import IndexUnavailable
from faces.finding import matching, tidying
from faces.index.contract import RemoteIndex
from faces.index.indexes import indexes_of, is_remote
from faces.models import Enrollment, Selfie
from faces.querysets import EnrollmentQuerySet
from faces.working import leases
from findme import jobs

logger = logging.getLogger(__name__)


def pool(event: Event) -> None:
    """Put each enrolled selfie that has no pool into one, guest after guest: each alone, so that
    no guest gets two pools for one.

    A pool that the service is not done with keeps nobody else waiting: the sweep comes back to it.
    """
    if event.indexing != Event.Indexing.GUESTS_ONLY:
        return
    for index in indexes_of(event):
        if is_remote(index):
            unpooled = _enrolled(event, index).filter(pool="").order_by("selfie__user")
            users = unpooled.values_list("selfie__user", flat=True).distinct()
            for user_id in list(users):
                jobs.beat()
                try:
                    with leases.when_free(tidying.pools_lease(event.pk)):
                        _pool(event, index, user_id)
                except IndexUnavailable as error:
                    logger.warning("pool_put_off event=%s reason=%s", event.pk, error)


def pool_name(selfie_id: int) -> str:
    return f"selfie-{selfie_id}"


def _pool(event: Event, index: RemoteIndex, user_id: int) -> None:
    """Into the guest's pools there are; who is unlike those, as a child on the same account, begins
    another."""
    own = _enrolled(event, index).filter(selfie__user=user_id)
    left = list(own.filter(pool="").select_related("selfie").order_by("pk"))
    pools = own.exclude(pool="").values_list("pool", flat=True)
    for name in sorted(set(pools)):
        # The pool's first selfies need no second call: it is not empty.
        left = _put(event, index, name, left)
    while left:
        name = pool_name(left[0].selfie_id)
        rest = _put(event, index, name, left)
        if len(rest) == len(left):
            raise IndexUnavailable("a pool without its first selfie")
        left = rest


def _put(
    event: Event, index: RemoteIndex, name: str, selfies: list[Enrollment]
) -> list[Enrollment]:
    """Fill a pool. Returns those who are left out."""
    if not selfies:
        return []
    taken = index.fill_pool(name, [row.remote_face_id for row in selfies])
    own = [row for row in selfies if row.remote_face_id in taken]
    if not own:
        return selfies
    with matching.matching(event.pk, with_others=False):
        kept = _there(own)
        Enrollment.objects.filter(pk__in=kept).update(pool=name, searched_at=None)
    if not kept and not _enrolled(event, index).filter(pool=name).exists():
        tidying.remember(index, pools=[name])  # its guest withdrew meanwhile
    logger.info("selfies_pooled event=%s selfies=%s of=%s", event.pk, len(kept), len(selfies))
    return [row for row in selfies if row.remote_face_id not in taken]


def _there(rows: Iterable[Enrollment]) -> list[int]:
    """Those whose selfie is not removed, and is not before the commit."""
    ids = [row.pk for row in rows]
    selfies = Selfie.objects.filter(enrollments__in=ids).select_for_update()
    list(selfies.values_list("pk", flat=True))
    return list(Enrollment.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _enrolled(event: Event, index: RemoteIndex) -> EnrollmentQuerySet:
    return Enrollment.objects.in_event(event, index.name)
