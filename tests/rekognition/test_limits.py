"""What the service refuses: values its model forbids, and pictures it does not take."""

from __future__ import annotations

import io

import pytest
from PIL import ExifTags, Image

from tests.fakes import picture
from tests.rekognition.conftest import refusal
from tests.rekognition.server import wire

pytestmark = pytest.mark.rekognition
NOBODY = "00000000-0000-0000-0000-000000000000"
MAX_BYTES = 5_242_880
ON_ITS_SIDE = 6


@pytest.fixture
def unchecked(make_client):
    """A client that sends what botocore would refuse to send."""
    return make_client(parameter_validation=False)


def saved(image_format, *, size=(640, 480), orientation=1):
    """Person 1's picture in another format, perhaps with an EXIF orientation."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture([1]))) as image:
        image.resize(size).save(out, image_format, exif=exif)
    return out.getvalue()


def padded(data, size):
    """The same JPEG; what follows its end does not matter."""
    return data + bytes(size - len(data))


@pytest.mark.parametrize(
    ("operation", "parameters", "where", "constraint"),
    [
        ("create_collection", {"CollectionId": "a b"}, "collectionId", "regular expression"),
        ("create_collection", {"CollectionId": "a" * 256}, "collectionId", "less than or equal"),
        ("create_collection", {"CollectionId": ""}, "collectionId", "greater than or equal"),
        ("create_collection", {}, "collectionId", "must not be null"),
        (
            "create_collection",
            {"CollectionId": "a", "Tags": {"aws:x": "y"}},
            "tags.key",
            "regular expression",
        ),
        (
            "index_faces",
            {"CollectionId": "a", "Image": {"Bytes": b"-"}, "ExternalImageId": "photo/1"},
            "externalImageId",
            r"regular expression pattern: [a-zA-Z0-9_.\-:]+",
        ),
        (
            "index_faces",
            {"CollectionId": "a", "Image": {"Bytes": b"-"}, "QualityFilter": "BEST"},
            "qualityFilter",
            "enum value set: [NONE, AUTO, LOW, MEDIUM, HIGH]",
        ),
        (
            "index_faces",
            {"CollectionId": "a", "Image": {"Bytes": b"-"}, "DetectionAttributes": ["MANY"]},
            "detectionAttributes.1.member",
            "enum value set",
        ),
        (
            "search_faces",
            {"CollectionId": "a", "FaceId": NOBODY, "MaxFaces": 4097},
            "maxFaces",
            "less than or equal to 4096",
        ),
        (
            "search_faces",
            {"CollectionId": "a", "FaceId": NOBODY, "FaceMatchThreshold": 101},
            "faceMatchThreshold",
            "less than or equal to 100",
        ),
        ("search_faces", {"CollectionId": "a", "FaceId": "x"}, "faceId", "regular expression"),
        ("delete_faces", {"CollectionId": "a", "FaceIds": []}, "faceIds", "greater than or equal"),
        (
            "delete_faces",
            {"CollectionId": "a", "FaceIds": [NOBODY] * 4097},
            "faceIds",
            "less than or equal to 4096",
        ),
        ("list_faces", {"CollectionId": "a", "MaxResults": 4097}, "maxResults", "less than"),
    ],
)
def test_what_the_model_forbids_is_refused(unchecked, operation, parameters, where, constraint):
    code, message = refusal(getattr(unchecked, operation), **parameters)
    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value ")
    assert f"at '{where}' failed to satisfy constraint: Member must" in message
    assert constraint in message


def test_every_violation_is_named(unchecked):
    _, message = refusal(unchecked.search_faces, CollectionId="a b", FaceId="x")
    assert message.startswith("2 validation errors detected: ")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"CollectionId": 7, "Image": {}}',
        b'{"CollectionId": ["a"], "Image": {}}',
        b'{"CollectionId": "a", "Image": {}, "MaxFaces": "many"}',
        b'{"CollectionId": "a", "Image": {"Bytes": "?"}}',
        b'{"CollectionId": "a", "Image": {}, "Colour": "red"}',
    ],
)
def test_a_malformed_body_is_refused(body):
    with pytest.raises(wire.Refused) as caught:
        wire.read_request(wire.MODEL.operation_model("IndexFaces"), body)
    assert caught.value.code == "SerializationException"


def test_an_answer_that_the_service_could_not_give_is_noticed():
    operation = wire.MODEL.operation_model("SearchFaces")
    for wrong in ({"SearchedFaceId": "x"}, {"Matches": []}, {"FaceModelVersion": 7}):
        with pytest.raises(AssertionError, match="SearchFaces"):
            wire.write_response(operation, wrong)


def test_pictures_up_to_five_megabytes_are_taken(client, party):
    image = {"Bytes": padded(picture([1]), MAX_BYTES)}
    assert client.index_faces(CollectionId=party, Image=image)["FaceRecords"]


def test_larger_pictures_are_refused(client, party):
    image = {"Bytes": padded(picture([1]), MAX_BYTES + 1)}
    code, message = refusal(client.index_faces, CollectionId=party, Image=image)
    assert code == "ValidationException"
    assert "at 'image.bytes' failed" in message
    assert message.endswith("Member must have length less than or equal to 5242880")


@pytest.mark.parametrize("image_format", ["WEBP", "GIF", "TIFF", "HEIF"])
def test_only_jpeg_and_png_are_taken(client, party, image_format):
    image = {"Bytes": saved(image_format)}
    answer = refusal(client.index_faces, CollectionId=party, Image=image)
    assert answer == ("InvalidImageFormatException", "Request has invalid image format")


@pytest.mark.parametrize("data", [b"no picture", picture([1])[:3000], saved("PNG")[:500]])
def test_damaged_pictures_are_refused(client, data):
    assert refusal(client.detect_faces, Image={"Bytes": data})[0] == "InvalidImageFormatException"


@pytest.mark.parametrize(("size", "is_taken"), [((80, 80), True), ((79, 400), False)])
def test_pictures_have_80_pixels_on_each_side(client, size, is_taken):
    call = {"Image": {"Bytes": saved("JPEG", size=size)}}
    if is_taken:
        assert client.detect_faces(**call)
    else:
        assert refusal(client.detect_faces, **call)[0] == "InvalidParameterException"


@pytest.mark.parametrize(
    ("image_format", "left", "top"), [("JPEG", 180 / 480, 10 / 640), ("PNG", 10 / 640, 200 / 480)]
)
def test_boxes_are_of_the_upright_jpeg_and_of_the_png_as_stored(client, image_format, left, top):
    image = {"Bytes": saved(image_format, orientation=ON_ITS_SIDE)}
    (detail,) = client.detect_faces(Image=image)["FaceDetails"]
    assert detail["BoundingBox"]["Left"] == pytest.approx(left, abs=0.01)
    assert detail["BoundingBox"]["Top"] == pytest.approx(top, abs=0.01)


@pytest.mark.parametrize(
    "image", [{}, {"Bytes": b"-", "S3Object": {"Bucket": "bucket", "Name": "key"}}]
)
def test_a_picture_is_either_bytes_or_an_object(client, image):
    assert refusal(client.detect_faces, Image=image)[0] == "InvalidParameterException"


def test_a_picture_may_be_an_object_up_to_15_megabytes(client, storage):
    storage["photos", "event/1.jpg"] = padded(picture([1]), 15 * 1024 * 1024)
    image = {"S3Object": {"Bucket": "photos", "Name": "event/1.jpg"}}
    assert len(client.detect_faces(Image=image)["FaceDetails"]) == 1
    storage["photos", "event/1.jpg"] += b"-"
    assert refusal(client.detect_faces, Image=image)[0] == "ImageTooLargeException"


def test_an_object_that_is_not_there_is_refused(client, storage):
    image = {"S3Object": {"Bucket": "photos", "Name": "event/1.jpg"}}
    code, message = refusal(client.detect_faces, Image=image)
    assert code == "InvalidS3ObjectException"
    assert message.startswith("Unable to get object metadata from S3.")
