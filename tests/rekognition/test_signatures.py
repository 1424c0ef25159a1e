"""Who may call: signature version 4."""

from __future__ import annotations

from datetime import timedelta

import boto3
import pytest

from tests.rekognition.conftest import refusal

pytestmark = pytest.mark.rekognition


@pytest.fixture
def client_with(make_client, server):
    """`client_with(aws_secret_access_key=...)`: with other credentials than the right ones."""

    def make(**other):
        right = {
            "aws_access_key_id": server.keys.access_key,
            "aws_secret_access_key": server.keys.secret_key,
            "region_name": server.keys.region,
        }
        return make_client(session=boto3.Session(**(right | other)))

    return make


def tamper(client, change):
    """Changes each request after it was signed."""
    client.meta.events.register("before-send", lambda request, **_: change(request))


def test_the_right_keys_are_let_in(client_with):
    assert client_with().list_collections()["CollectionIds"] == []


def test_an_unknown_key_is_refused(client_with, server):
    code, message = refusal(client_with(aws_access_key_id="AKIASOMEBODY").list_collections)
    assert code == "UnrecognizedClientException"
    assert message == "The security token included in the request is invalid."
    assert server.calls == {}
    assert server.requests == {"ListCollections": 1}


def test_a_token_nobody_gave_out_is_refused(client_with):
    code, _ = refusal(client_with(aws_session_token="token").list_collections)
    assert code == "UnrecognizedClientException"


def test_a_wrong_secret_is_refused(client_with):
    code, message = refusal(client_with(aws_secret_access_key="wrong").list_collections)
    assert code == "InvalidSignatureException"
    assert message.startswith("The request signature we calculated does not match")


def test_another_region_is_refused(client_with):
    code, message = refusal(client_with(region_name="eu-west-3").list_collections)
    assert code == "InvalidSignatureException"
    assert "us-east-1" in message


def test_a_changed_body_is_refused(client):
    def change(request):
        request.body = request.body.replace(b"party", b"other")

    tamper(client, change)
    code, _ = refusal(client.create_collection, CollectionId="party")
    assert code == "InvalidSignatureException"


def test_a_changed_target_is_refused(client, party):
    def change(request):
        request.headers["X-Amz-Target"] = b"RekognitionService.DeleteCollection"

    tamper(client, change)
    code, _ = refusal(client.describe_collection, CollectionId=party)
    assert code == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [(None, "MissingAuthenticationTokenException"), (b"Bearer x", "IncompleteSignatureException")],
)
def test_a_request_without_a_signature_is_refused(client, authorization, expected):
    def change(request):
        del request.headers["Authorization"]
        if authorization:
            request.headers["Authorization"] = authorization

    tamper(client, change)
    assert refusal(client.list_collections)[0] == expected


@pytest.mark.parametrize(
    ("minutes", "word"), [(6, "Signature expired"), (-6, "Signature not yet current")]
)
def test_clocks_must_agree_within_five_minutes(client, server, minutes, word):
    server.clock_skew = timedelta(minutes=minutes)
    code, message = refusal(client.list_collections)
    assert code == "InvalidSignatureException"
    assert message.startswith(word)
    server.clock_skew = timedelta(minutes=4)
    assert client.list_collections()
