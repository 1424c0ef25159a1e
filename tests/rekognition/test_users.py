"""Users of the test server: several faces of a person that are found as one."""

from __future__ import annotations

import pytest

from tests.fakes import picture
from tests.rekognition.conftest import index, refusal
from tests.rekognition.server import Fault

pytestmark = pytest.mark.rekognition
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def ada(client, party):
    """A user with one face, person 1's."""
    client.create_user(CollectionId=party, UserId="ada")
    associate(client, "ada", index(client, [1], "selfie:1"))
    return "ada"


def associate(client, user, faces, **more):
    return client.associate_faces(CollectionId="party", UserId=user, FaceIds=faces, **more)


def statuses(client):
    users = client.list_users(CollectionId="party")["Users"]
    return {user["UserId"]: user["UserStatus"] for user in users}


def found(answer):
    return [match["User"]["UserId"] for match in answer["UserMatches"]]


def search_by_image(client, people, **more):
    image = {"Bytes": picture(people, seed=9)}
    return client.search_users_by_image(CollectionId="party", Image=image, **more)


def test_a_user_is_made_once(client, ada):
    assert refusal(client.create_user, CollectionId="party", UserId=ada)[0] == "ConflictException"
    assert client.describe_collection(CollectionId="party")["UserCount"] == 1


def test_a_request_that_comes_again_with_its_token_is_the_same_request(client, party):
    call = {"CollectionId": party, "UserId": "ada", "ClientRequestToken": "one"}
    client.create_user(**call)
    client.create_user(**call)
    code, _ = refusal(client.create_user, **(call | {"UserId": "eve"}))
    assert code == "IdempotentParameterMismatchException"


def test_boto3_repeats_a_lost_request_under_its_token(make_client, server, party):
    server.script(Fault(kind="lost_reply", operation="CreateUser", times=1))
    make_client(retries={"total_max_attempts": 2}).create_user(CollectionId=party, UserId="ada")
    assert server.requests["CreateUser"] == 2


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("associate_faces", {"FaceIds": [NOBODY]}),
        ("disassociate_faces", {"FaceIds": [NOBODY]}),
        ("delete_user", {}),
        ("search_users", {}),
        ("list_faces", {}),
    ],
)
def test_without_the_user_nothing_works(client, party, operation, more):
    code, _ = refusal(getattr(client, operation), CollectionId=party, UserId="eve", **more)
    assert code == "ResourceNotFoundException"


def test_a_user_without_faces_is_not_found(client, ada):
    client.create_user(CollectionId="party", UserId="eve")
    assert statuses(client) == {ada: "ACTIVE", "eve": "CREATED"}
    assert found(search_by_image(client, [1], UserMatchThreshold=0)) == [ada]


def test_faces_are_put_in_once_and_named(client, ada):
    (again,) = [face["FaceId"] for face in client.list_faces(CollectionId="party")["Faces"]]
    answer = associate(client, ada, [again])
    assert answer["AssociatedFaces"] == answer["UnsuccessfulFaceAssociations"] == []
    (face,) = client.list_faces(CollectionId="party", UserId=ada)["Faces"]
    assert (face["FaceId"], face["UserId"]) == (again, ada)


def test_another_person_s_face_is_left_out(client, ada):
    (other,) = index(client, [2], "selfie:2")
    (refused,) = associate(client, ada, [other])["UnsuccessfulFaceAssociations"]
    assert refused["Reasons"] == ["LOW_MATCH_CONFIDENCE"]
    assert refused["Confidence"] < 75
    added = associate(client, ada, [other], UserMatchThreshold=0)["AssociatedFaces"]
    assert added == [{"FaceId": other}]


def test_a_face_is_in_one_user(client, ada):
    (face,) = [face["FaceId"] for face in client.list_faces(CollectionId="party")["Faces"]]
    client.create_user(CollectionId="party", UserId="eve")
    for operation, name in (
        (client.associate_faces, "UnsuccessfulFaceAssociations"),
        (client.disassociate_faces, "UnsuccessfulFaceDisassociations"),
    ):
        answer = operation(CollectionId="party", UserId="eve", FaceIds=[face, NOBODY])
        reasons = {refused["FaceId"]: refused["Reasons"] for refused in answer[name]}
        assert reasons == {
            face: ["ASSOCIATED_TO_A_DIFFERENT_USER"],
            NOBODY: ["FACE_NOT_FOUND"],
        }


def test_a_user_has_a_hundred_faces(client, ada):
    faces = [index(client, [1], f"photo:{number}")[0] for number in range(100)]
    associate(client, ada, faces[:99])
    code, _ = refusal(associate, client=client, user=ada, faces=faces[99:])
    assert code == "ServiceQuotaExceededException"


@pytest.mark.parametrize("operation", ["associate_faces", "disassociate_faces"])
def test_a_call_has_a_hundred_faces(make_client, party, operation):
    call = getattr(make_client(parameter_validation=False), operation)
    code, _ = refusal(call, CollectionId=party, UserId="ada", FaceIds=[NOBODY] * 101)
    assert code == "ValidationException"


def test_a_face_of_a_user_cannot_be_deleted_until_it_leaves(client, ada):
    (face,) = [face["FaceId"] for face in client.list_faces(CollectionId="party")["Faces"]]
    (kept,) = client.delete_faces(CollectionId="party", FaceIds=[face])["UnsuccessfulFaceDeletions"]
    assert kept == {"FaceId": face, "UserId": ada, "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    answer = client.disassociate_faces(CollectionId="party", UserId=ada, FaceIds=[face])
    assert answer["DisassociatedFaces"] == [{"FaceId": face}]
    assert client.delete_faces(CollectionId="party", FaceIds=[face])["DeletedFaces"] == [face]


def test_a_deleted_user_sets_its_faces_free(client, ada):
    client.delete_user(CollectionId="party", UserId=ada)
    (face,) = client.list_faces(CollectionId="party")["Faces"]
    assert "UserId" not in face
    assert statuses(client) == {}


def test_a_change_is_worked_in_after_a_while(client, server, ada):
    server.updating_seconds = 3600
    (other,) = index(client, [2], "selfie:2")
    answer = associate(client, ada, [other], UserMatchThreshold=0)
    assert answer["UserStatus"] == statuses(client)[ada] == "UPDATING"
    assert found(search_by_image(client, [2])) == []
    assert found(search_by_image(client, [1])) == [ada]
    server.users["party"][ada].updated_at = 0
    assert found(search_by_image(client, [2], UserMatchThreshold=60)) == [ada]


def test_users_are_found_by_a_face_and_by_each_other(client, ada):
    client.create_user(CollectionId="party", UserId="twin")
    (face,) = index(client, [1], "selfie:2")
    associate(client, "twin", [face])
    search = client.search_users
    assert sorted(found(search(CollectionId="party", FaceId=face))) == [ada, "twin"]
    assert found(search(CollectionId="party", UserId=ada)) == ["twin"]
    assert refusal(search, CollectionId="party")[0] == "InvalidParameterException"


def test_a_picture_is_searched_with_its_largest_face_and_says_of_the_others(client, ada):
    answer = search_by_image(client, [1, 2])
    assert [face["Reasons"] for face in answer["UnsearchedFaces"]] == [["FACE_NOT_LARGEST"]]
    assert "BoundingBox" in answer["SearchedFace"]["FaceDetail"]


def test_a_picture_without_a_face_finds_nobody_and_is_no_error(client, ada):
    answer = search_by_image(client, [])
    assert answer["UserMatches"] == []
    assert "SearchedFace" not in answer


def test_users_are_listed_by_pages(client, party):
    for name in "bca":
        client.create_user(CollectionId=party, UserId=name)
    pages = client.get_paginator("list_users").paginate(
        CollectionId=party, PaginationConfig={"PageSize": 2}
    )
    assert [[user["UserId"] for user in page["Users"]] for page in pages] == [["b", "c"], ["a"]]
