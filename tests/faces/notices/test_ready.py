"""The letter that the photos are ready: once, to whom it may go, and never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django import db as database
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from events import letters
from events.models import Event, Membership
from faces.guest import children
from faces.models import ReadyLetter
from faces.notices import mailing, ready
from tests.builders import add_member, consent, make_match, make_photo, make_user
from tests.mail_server import AFTER_THE_DOT, GREETING, HANGS_UP
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db
SENT, WAITING, FAILED = (ReadyLetter.State(name) for name in ("sent", "waiting", "failed"))


class Killed(BaseException):
    """What a worker that is killed never gets to handle."""


@pytest.fixture(autouse=True)
def photos(event, other_guest):
    """Of an event with one guest."""
    event.memberships.filter(user=other_guest).delete()
    return [make_photo(event) for _ in range(3)]


@pytest.fixture
def second_guest(event, photos, other_guest):
    add_member(event, other_guest)
    return other_guest


def tell(event, organizer):
    count = ready.tell(event, by=organizer)
    event.refresh_from_db()
    return count


def addresses():
    return sorted(letter.to[0] for letter in mail.outbox)


def states(event):
    return sorted(ReadyLetter.objects.in_event(event).values_list("state", flat=True))


class TestWhom:
    def test_guests_and_hosts_once_and_nobody_who_works_there(self, event, organizer, guest):
        add_member(event, make_user("Pia"), Membership.Role.PHOTOGRAPHER)
        host = make_user("Hanna")
        add_member(event, host, Membership.Role.HOST)
        assert tell(event, organizer) == 2
        run_jobs()
        assert addresses() == sorted([guest.email, host.email])
        assert states(event) == [SENT, SENT]

    def test_a_second_press_sends_nothing(self, event, organizer, guest):
        tell(event, organizer)
        late = make_user("Late")
        add_member(event, late)
        with pytest.raises(ready.NotReady, match="ready_told_before"):
            ready.tell(event, by=organizer)
        run_jobs()
        assert addresses() == [guest.email]

    def test_children_have_no_mailbox(self, event, organizer, guest):
        guest.proven_at = timezone.now()
        children.add(guardian=guest, event=event, name="Ida")
        assert tell(event, organizer) == 1

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_who_withdrew_is_left_alone(self, event, organizer, guest, second_guest, when):
        given = consent(guest, event)
        if when == "after":
            tell(event, organizer)
        given.withdrawn_at = timezone.now()
        given.save()
        if when == "before":
            tell(event, organizer)
        run_jobs()
        assert addresses() == [second_guest.email]

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_unsubscribing_is_honoured(self, event, organizer, guest, second_guest, client, when):
        consent(guest, event)
        link = reverse(
            "stop_notices", args=[mailing.stop_token(mailing.ask(user=guest, event=event))]
        )
        if when == "after":
            tell(event, organizer)
        client.post(link)
        if when == "before":
            tell(event, organizer)
        run_jobs()
        assert addresses() == [second_guest.email]

    def test_the_page_that_stops_says_nothing_of_what_nobody_asked_for(
        self, event, organizer, guest, client
    ):
        tell(event, organizer)
        run_jobs()
        link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
        page = client.get(link.removeprefix("http://localhost:8000")).content.decode()
        assert "You asked" not in page
        assert f"about {event.name} no more" in page

    def test_who_asks_for_e_mail_again_gets_it(self, event, organizer, guest):
        mailing.stop(user_id=guest.pk, event_id=event.pk)
        assert not ready.recipients(event).exists()
        mailing.ask(user=guest, event=event)
        assert tell(event, organizer) == 1

    def test_who_was_removed_meanwhile_gets_none(self, event, organizer, guest):
        tell(event, organizer)
        event.memberships.filter(user=guest).delete()
        run_jobs()
        assert mail.outbox == []

    @pytest.mark.parametrize("field", ["binned_at", "deletion_started_at"])
    def test_nothing_is_sent_of_an_event_that_is_gone(self, event, organizer, guest, field):
        tell(event, organizer)
        Event.objects.filter(pk=event.pk).update(**{field: timezone.now()})
        assert ready.sweep() == 0
        run_jobs()
        assert mail.outbox == []

    def test_without_photos_or_guests_nobody_is_told(self, event, organizer, guest, photos):
        event.memberships.filter(user=guest).delete()
        with pytest.raises(ready.NotReady, match="ready_nobody_joined"):
            ready.tell(event, by=organizer)
        type(photos[0]).objects.update(published=False)
        with pytest.raises(ready.NotReady, match="ready_no_photos"):
            ready.tell(event, by=organizer)
        event.refresh_from_db()
        assert event.ready_told_at is None


class TestWords:
    def test_it_says_what_the_guest_may_see(self, event, organizer, guest, photos):
        consent(guest, event)
        make_match(guest, photos[0])
        make_match(guest, make_photo(event, hidden=True))
        make_match(guest, make_photo(event, published=False))
        tell(event, organizer)
        run_jobs()
        body = mail.outbox[0].body
        assert "There are 3 photos. You are in one of them." in body
        assert f"/e/{event.slug}/mine/" in body
        assert "List-Unsubscribe" in mail.outbox[0].extra_headers

    @pytest.mark.parametrize(
        ("count", "found", "english", "french"),
        [
            (1, 1, "There is 1 photo. You are in it.", "Il y a 1 photo. Vous y figurez."),
            (3, 1, "You are in one of them.", "Vous êtes sur l’une d’entre elles."),
            (3, 2, "You are in 2 of them.", "Vous êtes sur 2 d’entre elles."),
            (3, 3, "You are in all of them.", "Vous êtes sur chacune d’entre elles."),
        ],
    )
    def test_it_says_in_how_many_of_them_one_is(self, event, count, found, english, french):
        letter = ReadyLetter(user=make_user("Anna"), event=event)
        context = ready.letter_context(letter, found=found) | {"count": count}
        for language, words in (("en", english), ("fr", french)):
            with translation.override(language):
                assert words in letters.written("ready", context)[1]

    def test_where_guests_see_their_own_photos_it_counts_no_others(self, event, organizer, guest):
        Event.objects.filter(pk=event.pk).update(general=Event.General.OWN)
        event.refresh_from_db()
        consent(guest, event)
        tell(event, organizer)
        run_jobs()
        assert "There are" not in mail.outbox[0].body

    def test_it_is_in_the_guests_language(self, event, organizer, guest):
        guest.language = "fr"
        guest.save()
        tell(event, organizer)
        run_jobs()
        assert "sont prêtes" in mail.outbox[0].subject

    def test_a_typed_address_is_told_nothing_of_faces(self, event, organizer, photos):
        typed = make_user("Typed", address_proven_at=None, address_typed_at=timezone.now())
        add_member(event, typed)
        consent(typed, event)
        make_match(typed, photos[0])
        tell(event, organizer)
        run_jobs()
        body = next(letter.body for letter in mail.outbox if letter.to == [typed.email])
        assert "You are in" not in body
        assert "Typed" not in body
        assert "Somebody joined" in body


class TestSending:
    def test_a_killed_worker_sends_no_letter_twice(self, event, organizer, guest, monkeypatch):
        tell(event, organizer)

        def send_and_die(*args, **kwargs):
            mail.outbox.append("sent")
            raise Killed

        monkeypatch.setattr(letters, "send", send_and_die)
        with pytest.raises(Killed):
            ready.send_some(event.pk)
        ready.send_some(event.pk)
        assert mail.outbox == ["sent"]

    def test_a_large_event_is_told_in_batches(self, event, organizer, guest, monkeypatch):
        monkeypatch.setattr(ready, "BATCH", 2)
        for number in range(4):
            add_member(event, make_user(f"G{number}"))
        tell(event, organizer)
        ready.send_some(event.pk)
        told = ready.told(event)
        assert (told.sent, told.all, told.waiting) == (2, 5, 3)
        run_jobs()
        assert len(mail.outbox) == 5

    def test_a_mail_server_that_is_away_is_asked_again(
        self, event, organizer, guest, second_guest, mail_server
    ):
        tell(event, organizer)
        mail_server.answers = {GREETING: HANGS_UP}
        run_jobs()
        assert states(event) == [WAITING, WAITING]
        mail_server.answers = {}
        with time_machine.travel(timezone.now() + ready.TRY_AGAIN + timedelta(minutes=1)):
            assert ready.sweep() == 1
            run_jobs()
        assert states(event) == [SENT, SENT]
        assert len(mail_server.arrived) == 2

    @pytest.mark.parametrize(
        ("said", "answer", "state"),
        [
            ("RCPT", "550 nobody", FAILED),
            ("RCPT", "450 later", WAITING),
            (AFTER_THE_DOT, "554 spam", FAILED),
            (AFTER_THE_DOT, "451 later", WAITING),
        ],
    )
    def test_only_what_is_refused_for_now_waits(
        self, event, organizer, guest, mail_server, said, answer, state
    ):
        tell(event, organizer)
        mail_server.answers = {said: answer}
        ready.send_some(event.pk)
        assert states(event) == [state]
        assert ready.told(event).failed == (state == FAILED)

    @pytest.mark.parametrize("said", ["MAIL", "DATA", AFTER_THE_DOT])
    def test_a_letter_whose_answer_is_lost_is_never_sent_again(
        self, event, organizer, guest, mail_server, caplog, said
    ):
        tell(event, organizer)
        mail_server.answers = {said: HANGS_UP}
        for minutes in range(0, 60, 11):
            with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
                ready.sweep()
                run_jobs()
        assert len(mail_server.arrived) == (said == AFTER_THE_DOT)
        assert states(event) == [FAILED]
        assert caplog.text.count("ready_letter_unanswered") == 1

    def test_a_mail_server_that_falls_silent_is_not_asked_for_the_next(
        self, event, organizer, guest, second_guest, mail_server
    ):
        tell(event, organizer)
        mail_server.answers = {AFTER_THE_DOT: HANGS_UP}
        ready.send_some(event.pk)
        assert states(event) == [FAILED, WAITING]


@pytest.mark.django_db(transaction=True)
def test_two_presses_and_two_workers_at_once_tell_each_guest_once(
    event, organizer, guest, second_guest
):
    def at_once(work):
        def alone(_):
            try:
                return work()
            except ready.NotReady:
                return 0
            finally:
                database.connections.close_all()

        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(alone, range(3)))

    assert sorted(at_once(lambda: ready.tell(event, by=organizer))) == [0, 0, 2]
    at_once(lambda: ready.send_some(event.pk))
    assert addresses() == sorted([guest.email, second_guest.email])
    assert states(event) == [SENT, SENT]
