"""Each operation, through unmodified boto3."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.fakes import picture
from tests.rekognition.conftest import index, refusal
from tests.rekognition.server import Fault, RekognitionServer

pytestmark = pytest.mark.rekognition
ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY = "00000000-0000-0000-0000-000000000000"
ENROLL = """
import boto3
from tests.fakes import picture
client = boto3.client("rekognition")
client.index_faces(CollectionId="party", Image={"Bytes": picture([1])}, ExternalImageId="s-1")
"""


def search(client, face_id, **more):
    answer = client.search_faces(CollectionId="party", FaceId=face_id, **more)
    return [match["Face"]["FaceId"] for match in answer["FaceMatches"]]


def search_by_image(client, people, **more):
    image = {"Bytes": picture(people)}
    answer = client.search_faces_by_image(CollectionId="party", Image=image, **more)
    return [match["Face"]["FaceId"] for match in answer["FaceMatches"]]


def test_a_collection_is_created_described_and_deleted(client):
    created = client.create_collection(CollectionId="a", Tags={"of": "Léa et Tom"})
    described = client.describe_collection(CollectionId="a")
    client.delete_collection(CollectionId="a")
    assert created["StatusCode"] == 200
    assert described["CollectionARN"] == f"arn:{created['CollectionArn']}"
    assert described["FaceCount"] == 0
    assert described["CreationTimestamp"].tzinfo
    assert client.list_collections()["CollectionIds"] == []


def test_a_collection_exists_once(client, party):
    code, message = refusal(client.create_collection, CollectionId=party)
    assert code == "ResourceAlreadyExistsException"
    assert message == "The collection id: party already exists"


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("delete_collection", {}),
        ("describe_collection", {}),
        ("list_faces", {}),
        ("search_faces", {"FaceId": NOBODY}),
        ("delete_faces", {"FaceIds": [NOBODY]}),
        ("index_faces", {"Image": {"Bytes": b"-"}}),
        ("search_faces_by_image", {"Image": {"Bytes": b"-"}}),
    ],
)
def test_without_the_collection_nothing_works(client, operation, more):
    code, message = refusal(getattr(client, operation), CollectionId="none", **more)
    assert code == "ResourceNotFoundException"
    assert message == "The collection id: none does not exist"


def test_collections_are_listed_by_pages(client):
    for name in "bca":
        client.create_collection(CollectionId=name)
    pages = client.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 2})
    assert [page["CollectionIds"] for page in pages] == [["a", "b"], ["c"]]


def test_faces_are_indexed_with_their_name_and_place(client, server, party):
    answer = client.index_faces(
        CollectionId=party, Image={"Bytes": picture([1, 2])}, ExternalImageId="photo:1"
    )
    faces = [record["Face"] for record in answer["FaceRecords"]]
    assert len({face["FaceId"] for face in faces}) == 2
    assert len({face["ImageId"] for face in faces}) == 1
    assert {face["ExternalImageId"] for face in faces} == {"photo:1"}
    assert faces[0]["BoundingBox"]["Width"] == pytest.approx(100 / 640, abs=0.01)
    assert [face.face_id for face in server.collections[party]] == [f["FaceId"] for f in faces]


def test_a_face_is_described_with_its_quality(client, party):
    answer = client.detect_faces(Image={"Bytes": picture([1])})
    (detail,) = answer["FaceDetails"]
    assert detail["Confidence"] == pytest.approx(90)
    assert 0 < detail["Quality"]["Sharpness"] <= 100
    assert 0 < detail["Quality"]["Brightness"] <= 100
    assert {mark["Type"] for mark in detail["Landmarks"]} >= {"eyeLeft", "eyeRight", "nose"}
    assert "Yaw" in detail["Pose"]


def test_a_picture_without_faces_indexes_nothing(client, party):
    answer = client.index_faces(CollectionId=party, Image={"Bytes": picture([])})
    assert answer["FaceRecords"] == answer["UnindexedFaces"] == []


def test_the_same_picture_and_name_are_stored_once(client, server, party):
    first = index(client, [1, 2], "photo:1")
    assert index(client, [1, 2], "photo:1") == first
    assert len(server.collections[party]) == 2
    assert server.calls["IndexFaces"] == 2


def test_another_name_or_none_is_stored_again(client, server, party):
    index(client, [1], "photo:1")
    index(client, [1], "photo:2")
    index(client, [1])
    index(client, [1])
    assert len({face.face_id for face in server.collections[party]}) == 4


def test_faces_that_were_deleted_are_stored_anew(client, server, party):
    first = index(client, [1], "photo:1")
    client.delete_faces(CollectionId=party, FaceIds=first)
    assert index(client, [1], "photo:1") != first


def test_of_too_many_faces_the_smallest_are_left_out(client, party):
    answer = client.index_faces(CollectionId=party, Image={"Bytes": picture([1, 2, 3])}, MaxFaces=1)
    assert len(answer["FaceRecords"]) == 1
    reasons = [face["Reasons"] for face in answer["UnindexedFaces"]]
    assert reasons == [["EXCEEDS_MAX_FACES"]] * 2


@pytest.mark.parametrize(("quality", "indexed"), [({}, 0), ({"QualityFilter": "NONE"}, 1)])
def test_poor_faces_are_indexed_only_when_asked_for(client, party, quality, indexed):
    answer = client.index_faces(
        CollectionId=party, Image={"Bytes": picture([1], side=15)}, **quality
    )
    assert len(answer["FaceRecords"]) == indexed
    reasons = [face["Reasons"] for face in answer["UnindexedFaces"]]
    assert reasons == [["SMALL_BOUNDING_BOX"]] * (1 - indexed)


def test_a_search_finds_the_person_and_not_the_face_itself(client, party):
    selfie, *_ = index(client, [1], "selfie:1")
    photo, _ = index(client, [1, 2], "photo:1")
    assert search(client, selfie) == [photo]


def test_matches_come_by_similarity_down_to_the_threshold(client, party):
    selfie, *_ = index(client, [1], "selfie:1")
    photo, other = index(client, [1, 2], "photo:1")
    assert search(client, selfie, FaceMatchThreshold=0) == [photo, other]
    assert search(client, selfie, FaceMatchThreshold=0, MaxFaces=1) == [photo]


def test_a_search_gives_80_faces_unless_asked_for_more(client, party):
    selfie, *_ = index(client, [1], "selfie:1")
    for number in range(21):
        index(client, [1, 2, 3, 4], f"photo:{number}")
    assert len(search(client, selfie, FaceMatchThreshold=0)) == 80
    assert len(search(client, selfie, FaceMatchThreshold=0, MaxFaces=4096)) == 84


def test_an_unknown_face_cannot_be_searched_with(client, party):
    answer = refusal(client.search_faces, CollectionId=party, FaceId=NOBODY)
    assert answer == ("InvalidParameterException", "faceId was not found in the collection.")


def test_a_face_settles_after_a_while(client, server, party):
    server.settling_seconds = 3600
    fresh, *_ = index(client, [1], "selfie:1")
    server.settling_seconds = 0
    settled, *_ = index(client, [1], "photo:1")
    assert refusal(client.search_faces, CollectionId=party, FaceId=fresh)[1].startswith("faceId")
    assert search(client, settled) == []
    assert search_by_image(client, [1]) == [settled]


def test_a_picture_is_searched_with_its_largest_face(client, party):
    one, two = index(client, [1, 2], "photo:1")
    assert search_by_image(client, [2]) == [two]
    assert search_by_image(client, [1], FaceMatchThreshold=0) == [one, two]
    assert search_by_image(client, [1, 2], MaxFaces=1) in ([one], [two])


def test_a_picture_without_a_face_cannot_be_searched_with(client, server, party):
    image = {"Bytes": picture([])}
    code, message = refusal(client.search_faces_by_image, CollectionId=party, Image=image)
    assert code == "InvalidParameterException"
    assert message == "There are no faces in the image. Should be at least 1."
    assert server.calls["SearchFacesByImage"] == 0
    assert server.requests["SearchFacesByImage"] == 1


def test_poor_faces_are_searched_with_unless_filtered(client, party):
    indexed = index(client, [1], "photo:1")
    image = {"Bytes": picture([1], side=15)}
    search = client.search_faces_by_image
    found = search(CollectionId=party, Image=image)["FaceMatches"]
    assert [match["Face"]["FaceId"] for match in found] == indexed
    code, _ = refusal(search, CollectionId=party, Image=image, QualityFilter="AUTO")
    assert code == "InvalidParameterException"


def test_faces_are_listed_by_pages(client, party):
    indexed = [*index(client, [1, 2], "photo:1"), *index(client, [3], "photo:2")]
    pages = client.get_paginator("list_faces").paginate(
        CollectionId=party, PaginationConfig={"PageSize": 2}
    )
    listed = [[face["FaceId"] for face in page["Faces"]] for page in pages]
    assert [len(page) for page in listed] == [2, 1]
    assert sorted(listed[0] + listed[1]) == sorted(indexed)


def test_a_page_that_goes_on_survives_deletions_before_it(client, party):
    indexed = [*index(client, [1], "photo:1"), *index(client, [2], "photo:2")]
    token = client.list_faces(CollectionId=party, MaxResults=1)["NextToken"]
    client.delete_faces(CollectionId=party, FaceIds=indexed[:1])
    rest = client.list_faces(CollectionId=party, NextToken=token)["Faces"]
    assert [face["FaceId"] for face in rest] == indexed[1:]


def test_chosen_faces_are_listed(client, party):
    _, two = index(client, [1, 2], "photo:1")
    faces = client.list_faces(CollectionId=party, FaceIds=[two])["Faces"]
    assert [face["FaceId"] for face in faces] == [two]


def test_a_made_up_page_is_refused(client, party):
    code, _ = refusal(client.list_faces, CollectionId=party, NextToken="nonsense")
    assert code == "InvalidPaginationTokenException"


def test_faces_are_deleted_and_missing_ones_named(client, server, party):
    one, two = index(client, [1, 2], "photo:1")
    answer = client.delete_faces(CollectionId=party, FaceIds=[one, NOBODY])
    assert answer["DeletedFaces"] == [one]
    (missing,) = answer["UnsuccessfulFaceDeletions"]
    assert missing == {"FaceId": NOBODY, "Reasons": ["FACE_NOT_FOUND"]}
    assert [face.face_id for face in server.collections[party]] == [two]


def test_a_deleted_collection_takes_its_faces_along(client, server, party):
    index(client, [1], "photo:1")
    client.delete_collection(CollectionId=party)
    client.create_collection(CollectionId=party)
    assert server.collections == {party: []}


def test_two_pictures_are_compared(client):
    answer = client.compare_faces(
        SourceImage={"Bytes": picture([2])}, TargetImage={"Bytes": picture([1, 2])}
    )
    (match,) = answer["FaceMatches"]
    assert match["Similarity"] > 99
    assert match["Face"]["BoundingBox"]["Left"] == pytest.approx(160 / 640, abs=0.01)
    assert len(answer["UnmatchedFaces"]) == 1


@pytest.mark.parametrize(("source", "target"), [([], [1]), ([1], [])])
def test_a_comparison_needs_faces_in_both(client, source, target):
    pictures = {
        "SourceImage": {"Bytes": picture(source)},
        "TargetImage": {"Bytes": picture(target)},
    }
    assert refusal(client.compare_faces, **pictures)[0] == "InvalidParameterException"


def test_calls_and_the_log_say_what_was_done(client, server, party):
    index(client, [1], "photo:1")
    (record,) = server.log
    assert (record.operation, record.outcome) == ("IndexFaces", "ok")
    assert record.parameters["ExternalImageId"] == "photo:1"
    assert record.parameters["Image"] == {"Bytes": f"{len(picture([1]))} bytes"}
    client.list_faces(CollectionId=party)
    assert server.calls == server.requests == {"IndexFaces": 1, "ListFaces": 1}
    assert server.billable_calls == 1


def test_a_reset_server_is_as_new(client, server, party):
    index(client, [1], "photo:1")
    server.settling_seconds = server.calls_per_second = 1
    server.script(Fault(kind="server_error"))
    server.reset()
    assert (server.settling_seconds, server.calls_per_second) == (0, None)
    assert (server.calls, server.requests, server.log) == ({}, {}, [])
    assert client.list_collections()["CollectionIds"] == []


def test_other_operations_of_the_service_are_not_played(client):
    code, _ = refusal(client.detect_labels, Image={"Bytes": picture([])})
    assert code == "UnknownOperationException"


def test_a_mistake_of_the_server_itself_fails_the_test(client, server, monkeypatch):
    monkeypatch.setattr(server._account, "list_collections", lambda _: {"CollectionIds": [""]})
    assert refusal(client.list_collections)[0] == "TestServerMistake"
    with pytest.raises(AssertionError, match="the test server itself is wrong"):
        server.__exit__(None, None, None)
    server.mistakes.clear()


def test_several_processes_enroll_one_selfie_once(server, client, party):
    command = [sys.executable, "-c", ENROLL]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert server.calls == {"IndexFaces": 3}
    assert len(server.collections[party]) == 1


def test_the_server_runs_by_hand(monkeypatch, make_client):
    command = [sys.executable, "-m", "tests.rekognition.server", "--port=0", "--eyes=squares"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in iter(process.stdout.readline, "\n"):
            monkeypatch.setenv(*line.strip().split("=", 1))
        make_client().create_collection(CollectionId="party")
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=60)
    assert os.environ["FACE_INDEX"] == "rekognition"
    assert "CreateCollection ok CollectionId=party" in told
    assert told.endswith("calls answered, 0 of them billable:\n      1 CreateCollection\n")


def test_a_closed_server_leaves_no_connection(server, client):
    client.list_collections()
    with RekognitionServer() as other:
        assert other.url != server.url
    server._transport.stop()
    with pytest.raises(EndpointConnectionError):
        client.list_collections()
