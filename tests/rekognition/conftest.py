"""A server of one's own, and boto3 as anybody would use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.fakes import picture
from tests.rekognition.server import RekognitionServer, SquareEyes
from tests.rekognition.server.eyes import Eyes

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient

# One for all tests: it keeps the service's model, which takes long to read.
SESSION = boto3.Session()
ONCE = {"mode": "standard", "total_max_attempts": 1}


@pytest.fixture
def storage() -> dict[tuple[str, str], bytes]:
    """The account's objects in S3 by bucket and key: put some in."""
    return {}


@pytest.fixture
def eyes() -> Eyes:
    return SquareEyes()


@pytest.fixture
def server(
    monkeypatch: pytest.MonkeyPatch, storage: dict[tuple[str, str], bytes], eyes: Eyes
) -> Iterator[RekognitionServer]:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def objects(bucket: str, key: str) -> bytes | None:
        return storage.get((bucket, key))

    with RekognitionServer(eyes=eyes, objects=objects) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def make_client(server: RekognitionServer) -> Iterator[Callable[..., RekognitionClient]]:
    """`make_client(**fields of Config)`; what it makes is closed in the end."""
    made: list[RekognitionClient] = []

    def make(*, session: boto3.Session = SESSION, **config: Any) -> RekognitionClient:
        fields: dict[str, Any] = {
            "retries": ONCE,
            "connect_timeout": 3,
            "read_timeout": 15,
        } | config
        made.append(session.client("rekognition", config=Config(**fields)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., RekognitionClient]) -> RekognitionClient:
    """Does not try again: each answer is seen."""
    return make_client()


@pytest.fixture
def party(client: RekognitionClient, server: RekognitionServer) -> str:
    """An empty collection, its making not counted."""
    client.create_collection(CollectionId="party")
    server.reset(keep_collections=True)
    return "party"


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """Code and message of the error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def index(client: RekognitionClient, people: list[int], name: str = "", **more: Any) -> list[str]:
    """Face ids of a picture put into the party, in the order of the people."""
    more |= {"ExternalImageId": name} if name else {}
    answer = client.index_faces(CollectionId="party", Image={"Bytes": picture(people)}, **more)
    records = sorted(answer["FaceRecords"], key=lambda r: r["Face"]["BoundingBox"]["Left"])
    return [record["Face"]["FaceId"] for record in records]
