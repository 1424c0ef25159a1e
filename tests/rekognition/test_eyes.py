"""What the server sees: the local engine's faces in Rekognition's units, good enough or not."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from faces.index.local import LocalIndex
from faces.index.models import EventIndex
from faces.vision import engine
from photos.imaging import images
from tests.fakes import picture
from tests.rekognition.server import LocalEyes, SeenFace

pytestmark = pytest.mark.rekognition
GOOD = SeenFace(
    left=0.1,
    top=0.1,
    width=0.2,
    height=0.3,
    height_pixels=144,
    confidence=99,
    sharpness=90,
    brightness=60,
    yaw=0,
    roll=0,
    landmarks={"nose": (0.2, 0.2)},
    template=np.eye(128, dtype=np.float32)[0],
)


class ScriptedEyes(list[SeenFace]):
    """Sees what it holds in any picture."""

    def __call__(self, image: images.DecodedImage) -> list[SeenFace]:
        return [*self]


class TestQuality:
    @pytest.fixture
    def eyes(self):
        return ScriptedEyes()

    def test_eyes_may_see_nothing(self, client):
        assert client.detect_faces(Image={"Bytes": picture([1])})["FaceDetails"] == []

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"height_pixels": 20}, "SMALL_BOUNDING_BOX"),
            ({"yaw": -60}, "EXTREME_POSE"),
            ({"confidence": 70}, "LOW_CONFIDENCE"),
            ({"brightness": 5}, "LOW_BRIGHTNESS"),
            ({"sharpness": 30}, "LOW_SHARPNESS"),
        ],
    )
    def test_a_poor_face_is_left_out_for_its_reason(self, client, party, eyes, change, reason):
        eyes[:] = [GOOD, replace(GOOD, left=0.6, **change)]
        answer = client.index_faces(
            CollectionId=party, Image={"Bytes": picture([])}, QualityFilter="HIGH"
        )
        assert len(answer["FaceRecords"]) == 1
        assert [face["Reasons"] for face in answer["UnindexedFaces"]] == [[reason]]

    def test_the_bars_rise(self, client, party, eyes):
        eyes[:] = [replace(GOOD, height_pixels=height) for height in (20, 30, 50, 100)]
        counts = {}
        for bar in ("NONE", "AUTO", "LOW", "MEDIUM", "HIGH"):
            call = {"Image": {"Bytes": picture([])}, "QualityFilter": bar}
            counts[bar] = len(client.index_faces(CollectionId=party, **call)["FaceRecords"])
        assert counts == {"NONE": 4, "AUTO": 3, "LOW": 3, "MEDIUM": 2, "HIGH": 1}

    def test_quality_decides_before_the_number_of_faces(self, client, party, eyes):
        eyes[:] = [replace(GOOD, width=0.5, height_pixels=23), GOOD, replace(GOOD, width=0.1)]
        answer = client.index_faces(CollectionId=party, Image={"Bytes": picture([])}, MaxFaces=1)
        (record,) = answer["FaceRecords"]
        assert record["Face"]["BoundingBox"]["Width"] == GOOD.width
        reasons = [face["Reasons"] for face in answer["UnindexedFaces"]]
        assert reasons == [["SMALL_BOUNDING_BOX"], ["EXCEEDS_MAX_FACES"]]

    def test_the_hundred_largest_faces_are_seen(self, client, party, eyes):
        eyes[:] = [replace(GOOD, width=0.001 * n) for n in range(1, 102)]
        faces = client.detect_faces(Image={"Bytes": picture([])})["FaceDetails"]
        widths = [face["BoundingBox"]["Width"] for face in faces]
        assert widths == pytest.approx([0.001 * n for n in range(101, 1, -1)])

    def test_a_face_at_the_edge_reaches_beyond_it(self, client, eyes):
        eyes[:] = [replace(GOOD, left=-0.05)]
        (face,) = client.detect_faces(Image={"Bytes": picture([])})["FaceDetails"]
        assert face["BoundingBox"]["Left"] == -0.05


@pytest.mark.engine
class TestLocalEyes:
    @pytest.fixture(scope="class")
    def eyes(self):
        return LocalEyes()

    def test_both_indexes_match_the_same_faces(self, client, party, samples):
        for path in samples[:2]:
            data = path.read_bytes()
            records = client.index_faces(CollectionId=party, Image={"Bytes": data})["FaceRecords"]
            boxes = [record["Face"]["BoundingBox"] for record in records]
            photo = images.decode(data, min_side=2000)
            index = LocalIndex(EventIndex(name="local", model_version=engine.MODEL_NAME))
            found = [f for f in index.scan(0, photo) if f.template is not None]
            assert sorted(box["Top"] for box in boxes) == pytest.approx(
                sorted(face.top for face in found)
            )

    def test_one_person_is_found_in_two_photos_and_nobody_else(self, client, party, samples):
        """The woman at the right of the first photo is in the middle of the third."""
        first, third = (self.indexed(client, samples[i], f"photo:{i}") for i in (0, 2))
        woman = max(first, key=lambda face: face["BoundingBox"]["Left"])
        answer = client.search_faces(
            CollectionId=party, FaceId=woman["FaceId"], FaceMatchThreshold=85
        )
        (match,) = answer["FaceMatches"]
        assert match["Face"]["ExternalImageId"] == "photo:2"
        assert match["Face"]["FaceId"] in {face["FaceId"] for face in third}

    def test_known_people_are_found_in_a_group(self, client, party, labelled_faces):
        name = "az_identification1.jpg"
        people = json.loads((labelled_faces / "group" / "labels.json").read_text())[name]["ids"]
        self.indexed(client, labelled_faces / "group" / name, "group")
        for person in people:
            image = {"Bytes": min((labelled_faces / person).glob("*.jpg")).read_bytes()}
            answer = client.search_faces_by_image(
                CollectionId=party, Image=image, FaceMatchThreshold=85
            )
            assert len(answer["FaceMatches"]) == 1

    @staticmethod
    def indexed(client, path, name):
        answer = client.index_faces(
            CollectionId="party", Image={"Bytes": path.read_bytes()}, ExternalImageId=name
        )
        return [record["Face"] for record in answer["FaceRecords"]]
