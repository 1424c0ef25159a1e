"""E-mail about new photos of a guest: asked for, at most one a day, never the same twice."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from events import letters
from events.access import still_theirs
from events.models import Event, Membership, User
from faces.letter_models import NoticeRequestQuerySet
from faces.models import Consent, FaceMatch, NoticeRequest, PhotoScan, ReadyLetter
from findme import jobs

logger = logging.getLogger(__name__)

ONE_A_DAY = timedelta(days=1)
# Photographers hand photos in for some days after an event; then nobody is to be written to.
DAYS_AFTER_EVENT = 14
# While photos come in, one notice at the end says more than one at the first.
QUIET = timedelta(minutes=20)
CHECK_EVERY = timedelta(minutes=10)
LINK_DAYS = 14
OPEN_SALT, STOP_SALT = "faces.notices.mailing.open", "faces.notices.mailing.stop"


@dataclass(frozen=True)
class Opened:
    """Whose photos a notice's link opens, and the secret of its letter."""

    user_id: int
    event_id: int
    code: str


@dataclass(frozen=True)
class News:
    """Photos of a guest that they have not been told of."""

    count: int
    newest_match_id: int


def ask(*, user: User, event: Event) -> NoticeRequest:
    """Turn notices on. What is there already is no news."""
    known = _matches(user.pk, event.pk).aggregate(newest=Max("pk"))["newest"] or 0
    with still_theirs(user):
        ReadyLetter.objects.in_event(event).filter(user=user).stopped().delete()
        request, _ = NoticeRequest.objects.get_or_create(
            user=user, event=event, defaults={"announced_match_id": known}
        )
    return request


def wanted(*, user: User, event: Event) -> bool:
    return NoticeRequest.objects.of(user).in_event(event).exists()


def stop(*, user_id: int, event_id: int) -> None:
    """Turn notices off, and have no letter sent that the photos are ready. Doing it again changes
    nothing."""
    stopped = NoticeRequest.objects.filter(user_id=user_id, event_id=event_id).delete()[0]
    unwanted = ReadyLetter(user_id=user_id, event_id=event_id, state=ReadyLetter.State.STOPPED)
    waiting = ReadyLetter.objects.waiting().filter(user_id=user_id, event_id=event_id)
    waiting.update(state=ReadyLetter.State.STOPPED)
    if Membership.objects.filter(user_id=user_id, event_id=event_id).exists():
        ReadyLetter.objects.bulk_create([unwanted], ignore_conflicts=True)
    logger.info("notices_stopped event=%s requests=%s", event_id, stopped)


def note_visit(*, user: User, event: Event) -> None:
    """The guest looks at My Photos: what it shows is no news any more. One query."""
    newest = _matches(user.pk, event.pk).order_by("-pk").values("pk")[:1]
    requests = NoticeRequest.objects.of(user).in_event(event)
    requests.filter(announced_match_id__lt=newest).update(announced_match_id=newest)


def sweep() -> int:
    """Enqueue a notice for whoever has news. Each request is checked every ten minutes."""
    now = timezone.now()
    unchecked = _may_be_sent(now).unchecked_since(now - CHECK_EVERY)
    candidates = unchecked.exclude(event__in=_busy_events(now))
    checked = list(candidates.order_by("pk"))
    NoticeRequest.objects.filter(pk__in=[r.pk for r in checked]).update(checked_at=now)
    due = [request.pk for request in checked if _news(request)]
    jobs.enqueue_many("notice", due)
    return len(due)


def send(request_id: int) -> bool:
    """Send a notice if there is news and none was sent today.

    The request is claimed by one conditional UPDATE that already says "sent": a worker that dies
    over the mail server's answer, or an answer that is lost, loses this mail at worst, and never
    sends it again.
    """
    now = timezone.now()
    found = _may_be_sent(now).select_related("user__guardian", "event").filter(pk=request_id)
    request = found.first()
    news = _news(request) if request else None
    if request is None or news is None:
        return False
    request.link_code = secrets.token_urlsafe(32)
    if not _claim(request, news, now):
        return False
    try:
        _write(request, news)
    except letters.NotSent as error:
        _give_back(request, now, error)
        return False
    except letters.Unanswered:
        logger.warning("notice_unanswered request=%s", request.pk)
        return False
    logger.info("notice_sent request=%s", request.pk)
    return True


def open_token(request: NoticeRequest) -> str:
    """For the last letter: each has a secret of its own, and ends the link of the one before."""
    of_letter = [request.user_id, request.event_id, _secret(request)]
    return signing.dumps(of_letter, salt=OPEN_SALT)


def stop_token(request: NoticeRequest | ReadyLetter) -> str:
    return signing.dumps([request.user_id, request.event_id], salt=STOP_SALT)


def headers(stop_url: str) -> dict[str, str]:
    """RFC 8058: mail programs offer one button, which posts to this address."""
    return {
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }


def read_open_token(token: str) -> Opened:
    """What a notice's link opens. Raises `signing.BadSignature`, after some days too."""
    values = signing.loads(token, salt=OPEN_SALT, max_age=LINK_DAYS * 24 * 3600)
    if len(values) != len(fields(Opened)):
        raise signing.BadSignature("a link of before letters had secrets")
    return Opened(*values)


def is_open(opened: Opened) -> bool:
    """Whether a link would still sign in: it was not used, no later letter was sent, and the guest
    still wants notices."""
    return _of_link(opened) is not None


def use_link(opened: Opened) -> bool:
    """Use a link up. One conditional UPDATE: of two at once one is told that it may sign in."""
    request = _of_link(opened)
    if request is None:
        return False
    unused = NoticeRequest.objects.filter(pk=request.pk, link_code=request.link_code)
    return unused.update(link_code="") == 1


def read_stop_token(token: str) -> tuple[int, int]:
    """User and event of an unsubscribe link, which never expires. Raises `BadSignature`."""
    user_id, event_id = signing.loads(token, salt=STOP_SALT)
    return user_id, event_id


def _of_link(opened: Opened) -> NoticeRequest | None:
    requests = NoticeRequest.objects.filter(user_id=opened.user_id, event_id=opened.event_id)
    request = requests.exclude(link_code="").select_related("user__guardian").first()
    is_its = request is not None and constant_time_compare(_secret(request), opened.code)
    return request if is_its else None


def _secret(request: NoticeRequest) -> str:
    """Of a letter and the mailbox it went to: it ends with a change of the address too."""
    return salted_hmac(request.link_code, request.user.mailbox).hexdigest()


def _may_be_sent(now: datetime) -> NoticeRequestQuerySet:
    """Requests of consenting guests not written to today, whose event is not long over."""
    of_request = {"user": OuterRef("user"), "event": OuterRef("event")}
    return NoticeRequest.objects.filter(
        Q(last_sent_at=None) | Q(last_sent_at__lte=now - ONE_A_DAY),
        Q(event__closed_at=None) | Q(event__closed_at__gt=now),
        Exists(Membership.objects.filter(**of_request)),
        Exists(Consent.objects.in_force().filter(**of_request)),
        Q(user__is_active=True) | Q(user__guardian__is_active=True),
        event__deletion_started_at=None,
        event__binned_at=None,
        event__ends_on__gte=timezone.localdate(now) - timedelta(days=DAYS_AFTER_EVENT),
    )


def _busy_events(now: datetime) -> list[int]:
    """Ids of events whose photos are being looked at just now. Where photos wait for a service that
    is away, nothing has finished for a while, and what was found before is told."""
    recent = PhotoScan.objects.finished_since(now - QUIET)
    return list(recent.values_list("event_id", flat=True).distinct())


def _matches(user_id: int, event_id: int) -> QuerySet[FaceMatch]:
    """A guest's matches in photos that every guest in them can see. What is asked about is none,
    and what guests said themselves is no news to them."""
    found = FaceMatch.objects.counting().unsaid().visible().published()
    return found.filter(user_id=user_id, event_id=event_id)


def _news(request: NoticeRequest) -> News | None:
    fresh = _matches(request.user_id, request.event_id).filter(pk__gt=request.announced_match_id)
    found = fresh.aggregate(count=Count("pk"), newest=Max("pk"))
    return News(found["count"], found["newest"]) if found["count"] else None


def _claim(request: NoticeRequest, news: News, now: datetime) -> int:
    """How many rows were claimed: 1, or 0 where somebody else was first.

    The conditions are on the row itself, without joins: PostgreSQL reads joined rows of a waiting
    UPDATE as they were before, and two workers would both pass.
    """
    return NoticeRequest.objects.filter(
        pk=request.pk,
        announced_match_id=request.announced_match_id,
        last_sent_at=request.last_sent_at,
    ).update(last_sent_at=now, announced_match_id=news.newest_match_id, link_code=request.link_code)


def _give_back(request: NoticeRequest, claimed_at: datetime, error: letters.NotSent) -> None:
    """The mail did not leave: its photos are news again, tomorrow where the address is refused or
    was written to often today."""
    logger.warning("notice_failed request=%s error=%s", request.pk, error)
    is_refused = isinstance(error, letters.Refused | letters.MailboxFull)
    NoticeRequest.objects.filter(pk=request.pk, last_sent_at=claimed_at).update(
        announced_match_id=request.announced_match_id,
        last_sent_at=claimed_at if is_refused else request.last_sent_at,
    )


def _write(request: NoticeRequest, news: News) -> None:
    stop_url = settings.SITE_URL + reverse("stop_notices", args=[stop_token(request)])
    letters.send(
        "notice",
        address=request.user.mailbox,
        language=request.user.reader.language,
        context={
            "name": request.user.reader.name,
            "child": request.user.name if request.user.guardian_id else "",
            "event": request.event,
            "count": news.count,
            "open_url": settings.SITE_URL + reverse("open_notice", args=[open_token(request)]),
            "stop_url": stop_url,
        },
        headers=headers(stop_url),
    )
