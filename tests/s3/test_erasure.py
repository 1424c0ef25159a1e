"""The same as `tests/trust/test_erasure.py`, with pictures in a bucket and faces at Rekognition."""

import pytest
from django.urls import reverse

from faces.models import Selfie
from tests.trust import traces
from tests.workers import run_jobs

pytestmark = [pytest.mark.s3, pytest.mark.rekognition, pytest.mark.django_db]


@pytest.fixture
def objects(s3, bucket_name, keys):
    """Everything in the bucket, names and bytes, as one text."""

    def objects() -> str:
        bodies = {key: s3.get_object(Bucket=bucket_name, Key=key)["Body"].read() for key in keys()}
        return " ".join(f"{key} {body.hex()}" for key, body in bodies.items())

    return objects


def at_rekognition(server):
    """The pictures that faces there are of, and the pools that they are in."""
    faces = [face for collection in server.collections.values() for face in collection]
    pools = [pool for users in server.users.values() for pool in users]
    return {face.external_image_id for face in faces} | set(pools)


def test_nothing_is_left_at_services_far_away(
    rekognition, objects, event, organizer, django_capture_on_commit_callbacks
):
    guest = traces.make_guest(event)
    signed_in = traces.live(guest, event, organizer)
    wanted = traces.needles()
    own = {f"selfie-{pk}" for pk in Selfie.objects.values_list("pk", flat=True)}
    assert own <= at_rekognition(rekognition)
    assert "name in bytes" in traces.found_in(objects(), wanted)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(reverse("delete_account"))
    run_jobs()
    assert traces.found(wanted) == set()
    assert traces.found_in(objects(), wanted) == set()
    assert "selfies/" not in objects()
    assert own & at_rekognition(rekognition) == set()
