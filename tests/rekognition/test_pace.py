"""The account's quota, shared by all processes: each attempt takes a turn, and is counted."""

import threading
import time

import pytest
from django.db import connection

from faces.errors import IndexRefused, IndexUnavailable
from faces.index import aws
from faces.index.indexes import index_of
from faces.index.models import CallLimit, RemoteCalls
from tests.rekognition.server import Fault
from tests.workers import start_python

pytestmark = [pytest.mark.django_db, pytest.mark.rekognition]


def next_turn(seconds=10, longest=100):
    with connection.cursor() as cursor:
        bounds = {"name": aws.LIMIT_NAME, "seconds": seconds, "longest": longest}
        cursor.execute(aws.NEXT_TURN, bounds)
        row = cursor.fetchone()
    return None if row is None else round(float(row[0]) / seconds)


@pytest.fixture
def collection(event, rekognition):
    """The event's, made; what that cost is forgotten."""
    index = index_of(event)
    index.make()
    rekognition.calls.clear()
    return index.name


@pytest.fixture
def turns(monkeypatch):
    """A list that grows by one for each turn taken."""
    taken = []
    wait = aws.wait_for_turn
    monkeypatch.setattr(aws, "wait_for_turn", lambda longest: (taken.append(longest), wait()))
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", _at_once)
    return taken


def _at_once(self, context):
    return 0.0


def test_calls_of_all_processes_wait_their_turn(rekognition):
    assert [next_turn() for _ in range(3)] == [0, 1, 2]


def test_who_would_wait_too_long_puts_the_work_back(rekognition, settings):
    settings.REKOGNITION_CALLS_PER_SECOND = 0.01
    aws.wait_for_turn()
    with pytest.raises(IndexUnavailable):
        aws.wait_for_turn()


def test_who_gives_up_takes_no_turn_from_others(rekognition):
    assert [next_turn(longest=15) for _ in range(5)] == [0, 1, None, None, None]
    assert next_turn() == 2


def test_a_repeated_call_takes_a_turn_each_time(event, collection, rekognition, turns):
    rekognition.script(Fault(kind="throughput", times=3))
    aws.ask("ListFaces", event_id=event.pk, CollectionId=collection)
    assert len(turns) == rekognition.requests["ListFaces"] == 4


def test_a_call_does_not_begin_again_when_its_time_is_over(
    event, collection, rekognition, turns, monkeypatch
):
    monkeypatch.setattr(aws, "LAST_ATTEMPT_SECONDS", 0.2)
    wait = aws.wait_for_turn
    monkeypatch.setattr(aws, "wait_for_turn", lambda longest: (wait(longest), time.sleep(0.3)))
    rekognition.script(Fault(kind="throughput"))
    with pytest.raises(IndexUnavailable):
        aws.ask("ListFaces", event_id=event.pk, CollectionId=collection)
    assert rekognition.requests["ListFaces"] == 1


@pytest.mark.parametrize(
    ("kind", "counted"),
    [("lost_reply", 2), ("throughput", 1), ("server_error", 1)],
)
def test_a_lost_answer_is_counted_as_aws_bills_it_and_an_error_is_not(
    event, collection, rekognition, turns, kind, counted
):
    rekognition.script(Fault(kind=kind, operation="ListFaces", times=1))
    aws.ask("ListFaces", event_id=event.pk, CollectionId=collection)
    assert RemoteCalls.objects.get().count == counted == rekognition.calls["ListFaces"]


def test_credentials_that_are_not_there_are_an_error_for_good(event, rekognition, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    with pytest.raises(IndexRefused) as caught:
        aws.ask("ListCollections", event_id=None)
    assert caught.value.code == "index_access_denied"


@pytest.mark.django_db(transaction=True)
def test_while_a_collection_is_made_others_get_their_turns(event, rekognition):
    rekognition.script(Fault(kind="slow_reply", operation="CreateCollection", seconds=3))
    index = index_of(event)

    def make():
        try:
            index.make()
        finally:
            connection.close()

    making = threading.Thread(target=make)
    making.start()
    while not CallLimit.objects.exists():
        time.sleep(0.01)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
    try:
        aws.wait_for_turn()
        assert making.is_alive()
    finally:
        making.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    assert list(rekognition.collections) == [index.name]


def test_who_has_a_later_turn_waits_for_it(rekognition, settings):
    settings.REKOGNITION_CALLS_PER_SECOND = 20
    began = time.monotonic()
    for _ in range(5):
        aws.wait_for_turn()
    assert time.monotonic() - began >= 4 / 20 - 0.01  # two clocks


@pytest.mark.django_db(transaction=True)
def test_processes_take_their_turns_from_one_row(event, rekognition):
    program = (
        "from faces.index import aws\nfor _ in range(4): aws.ask('ListCollections', event_id=None)"
    )
    environment = rekognition.environment | {"REKOGNITION_CALLS_PER_SECOND": "5"}
    next_turn()
    before = CallLimit.objects.get().next_at
    processes = [start_python(program, **environment) for _ in range(3)]
    assert [each.wait(60) for each in processes] == [0] * 3
    assert rekognition.requests["ListCollections"] == 3 * 4
    turns = (CallLimit.objects.get().next_at - before).total_seconds() * 5
    assert turns >= 3 * 4 - 0.01
