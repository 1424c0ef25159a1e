"""Each thing that can go wrong, as boto3 sees it."""

from __future__ import annotations

import argparse
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.rekognition.conftest import index, refusal
from tests.rekognition.server import Fault
from tests.rekognition.server.command import fault
from tests.rekognition.server.faults import ANSWERS

pytestmark = pytest.mark.rekognition


@pytest.fixture
def patient(make_client):
    """A client that tries again, as the product's does."""
    return make_client(retries={"mode": "standard", "total_max_attempts": 3})


def outcomes(server, operation="ListCollections"):
    return [record.outcome for record in server.log if record.operation == operation]


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_error_answer(client, server, kind):
    server.script(Fault(kind=kind))
    with pytest.raises(ClientError) as caught:
        client.list_collections()
    code, message, status = ANSWERS[kind]
    assert caught.value.response["Error"] == {"Code": code, "Message": message}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert caught.value.response["ResponseMetadata"]["RequestId"]
    assert (server.calls, outcomes(server)) == ({}, [code])


@pytest.mark.parametrize(
    "kind", ["throughput", "throttling", "throttling_500", "server_error", "lost_reply", "reset"]
)
def test_boto3_gets_over_what_passes(patient, server, kind):
    server.script(Fault(kind=kind, times=2))
    assert patient.list_collections()["CollectionIds"] == []
    assert server.requests["ListCollections"] == 3


@pytest.mark.parametrize("kind", ["access_denied", "quota", "not_settled"])
def test_boto3_does_not_repeat_what_stays(patient, server, kind):
    server.script(Fault(kind=kind, times=1))
    refusal(patient.list_collections)
    assert server.requests["ListCollections"] == 1


def test_with_a_lost_reply_the_work_is_done(client, server, party):
    server.script(Fault(kind="lost_reply", operation="IndexFaces", times=1))
    with pytest.raises(ConnectionClosedError):
        index(client, [1], "selfie:1")
    (face,) = server.collections[party]
    assert (server.calls["IndexFaces"], server.log[-1].outcome) == (1, "lost_reply")
    assert index(client, [1], "selfie:1") == [face.face_id]


def test_with_a_reset_nothing_is_done(client, server, party):
    server.script(Fault(kind="reset", operation="IndexFaces"))
    with pytest.raises(ConnectionClosedError) as caught:
        index(client, [1], "selfie:1")
    assert "ConnectionResetError" in repr(caught.value.__context__)
    assert server.collections == {party: []}
    assert server.calls["IndexFaces"] == 0


def test_a_slow_reply_is_not_waited_for(make_client, server):
    server.script(Fault(kind="slow_reply", seconds=600))
    with pytest.raises(ReadTimeoutError):
        make_client(read_timeout=1).create_collection(CollectionId="late")
    assert server.collections == {"late": []}


def test_a_slow_reply_comes(client, server):
    server.script(Fault(kind="slow_reply", seconds=0.01))
    assert client.list_collections()["CollectionIds"] == []


def test_a_fault_is_of_one_operation(client, server, party):
    server.script(Fault(kind="server_error", operation="ListFaces"))
    assert client.list_collections()
    assert refusal(client.list_faces, CollectionId=party)[0] == "InternalServerError"


def test_a_fault_comes_after_a_while_and_goes(client, server):
    server.script(Fault(kind="server_error", after=1, times=2))
    for expected in ("ok", "InternalServerError", "InternalServerError", "ok", "ok"):
        if expected == "ok":
            client.list_collections()
        else:
            assert refusal(client.list_collections)[0] == expected


def test_a_share_goes_wrong_the_same_each_time(client, server):
    runs = []
    for _ in range(2):
        server.reset()
        server.script(Fault(kind="throughput", share=0.5))
        for _ in range(40):
            try:
                client.list_collections()
            except client.exceptions.ProvisionedThroughputExceededException:
                continue
        runs.append(outcomes(server))
    assert runs[0] == runs[1]
    assert 10 < runs[0].count("ok") < 30


def test_the_first_fault_that_is_due_counts(client, server):
    server.script(Fault(kind="server_error", times=1), Fault(kind="access_denied", times=1))
    codes = [refusal(client.list_collections)[0] for _ in range(2)]
    assert codes == ["InternalServerError", "AccessDeniedException"]
    assert client.list_collections()


def test_a_new_script_ends_the_old_one(client, server):
    server.script(Fault(kind="server_error"))
    server.script()
    assert client.list_collections()


def test_more_calls_than_the_quota_allows_are_throttled(client, server, party, monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: 100.0)
    monkeypatch.setattr("tests.rekognition.server.time", clock)
    server.calls_per_second = 2
    client.list_collections()
    client.list_collections()
    code, _ = refusal(client.list_collections)
    assert code == "ProvisionedThroughputExceededException"
    assert client.list_faces(CollectionId=party)["Faces"] == []
    clock.monotonic = lambda: 101.0
    assert client.list_collections()


def test_a_fault_is_written_on_the_command_line():
    text = "slow_reply,operation=IndexFaces,share=0.5,times=3,after=1,seconds=2"
    expected = Fault(
        kind="slow_reply", operation="IndexFaces", share=0.5, times=3, after=1, seconds=2
    )
    assert fault(text) == expected


@pytest.mark.parametrize("text", ["nonsense", "reset,share=much", "reset,colour=red"])
def test_a_misspelt_fault_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        fault(text)
