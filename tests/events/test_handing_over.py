"""What is known of a letter by what the mail server said, or did not say."""

from __future__ import annotations

import threading

import pytest

from events import letters
from tests.mail_server import AFTER_THE_DOT, GREETING, HANGS_UP

pytestmark = pytest.mark.django_db
ADDRESS = "ann@example.com"


def write(address=ADDRESS):
    letters.send("receipt", address=address, language="en", context={"withdrawals": []})


def test_what_is_taken_is_sent_whatever_becomes_of_the_leave_taking(mail_server):
    for leave in ("221 bye", "500 what", HANGS_UP):
        mail_server.answers = {"QUIT": leave}
        write()
    assert len(mail_server.arrived) == 3
    assert f"To: {ADDRESS}" in mail_server.arrived[0]


@pytest.mark.parametrize(
    ("said", "answer", "outcome"),
    [
        (GREETING, HANGS_UP, letters.ServerAway),
        (GREETING, "421 busy", letters.ServerAway),
        ("MAIL", "550 not from you", letters.ServerAway),
        ("RCPT", "450 later", letters.Refused),
        ("RCPT", "550 nobody", letters.RefusedForGood),
        ("DATA", "451 later", letters.ServerAway),
        (AFTER_THE_DOT, "451 later", letters.ServerAway),
        (AFTER_THE_DOT, "554 spam", letters.RefusedForGood),
        ("MAIL", HANGS_UP, letters.Unanswered),
        ("DATA", HANGS_UP, letters.Unanswered),
        (AFTER_THE_DOT, HANGS_UP, letters.Unanswered),
        (AFTER_THE_DOT, "oh well", letters.Unanswered),
    ],
)
def test_only_what_was_answered_has_certainly_not_left(mail_server, caplog, said, answer, outcome):
    mail_server.answers = {said: answer}
    with pytest.raises(outcome) as caught:
        write()
    assert type(caught.value) is outcome
    assert ("letter_unanswered letter=receipt" in caplog.text) == (outcome is letters.Unanswered)
    assert ADDRESS not in caplog.text + str(caught.value)


def test_a_server_that_is_not_there_is_away(mail_server, settings):
    settings.EMAIL_PORT = 1
    with pytest.raises(letters.ServerAway, match="ConnectionRefusedError"):
        write()


def test_an_answer_that_takes_too_long_is_lost(mail_server, settings, monkeypatch):
    settings.EMAIL_TIMEOUT = 0.2
    monkeypatch.setattr(mail_server, "answer", _slow_after_the_dot(mail_server.answer))
    with pytest.raises(letters.Unanswered):
        write()
    assert len(mail_server.arrived) == 1


def test_a_silent_server_is_given_up_before_the_job_that_waits_for_it(settings):
    assert 0 < settings.EMAIL_TIMEOUT < settings.Q_CLUSTER["timeout"]


def test_an_address_that_no_letter_can_have_is_refused_for_good(mail_server):
    with pytest.raises(letters.RefusedForGood):
        write("ann b@c@")


@pytest.mark.parametrize(
    ("answer", "outcomes"),
    [
        (HANGS_UP, [letters.Unanswered, letters.MailboxFull]),
        ("451 later", [letters.ServerAway] * 2),
    ],
)
def test_what_may_have_arrived_counts(mail_server, limited, answer, outcomes):
    limited(mail="1/d/key")
    mail_server.answers = {AFTER_THE_DOT: answer}
    for outcome in outcomes:
        with pytest.raises(outcome):
            write()


def _slow_after_the_dot(answer):
    def answer_slowly(said):
        if said == AFTER_THE_DOT:
            threading.Event().wait(1)
        return answer(said)

    return answer_slowly
