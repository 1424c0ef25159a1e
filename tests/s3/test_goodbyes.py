"""A goodbye with everything remote: faces at Rekognition, pictures in a bucket. Row by row."""

import pytest
from django.db import connection
from django.urls import reverse

from faces.finding import enrolling, searching
from faces.index import aws
from faces.models import Consent, FaceMatch, PhotoScan, Selfie
from faces.notices import mailing
from faces.privacy import withdrawal
from photos.intake.ingest import ingest
from tests.builders import consent
from tests.fakes import picture
from tests.workers import run_jobs

pytestmark = [pytest.mark.s3, pytest.mark.rekognition, pytest.mark.django_db]

GOODBYES = [withdrawal.withdraw_everywhere, withdrawal.delete_account]
# Tables of what is made of a face, with how their rows lead to a guest.
ROWS_OF_A_FACE = {
    "faces_selfie": "user_id = %(user)s",
    "faces_enrollment": "selfie_id IN (SELECT id FROM faces_selfie WHERE user_id = %(user)s)",
    "faces_facematch": "user_id = %(user)s",
    "faces_facesimilarity": "enrollment_id IN (SELECT e.id FROM faces_enrollment e"
    " JOIN faces_selfie s ON s.id = e.selfie_id WHERE s.user_id = %(user)s)",
    "faces_noticerequest": "user_id = %(user)s",
}


def rows_of(user_id):
    """Counted by table, past the ORM."""
    with connection.cursor() as cursor:
        counts = {}
        for table, condition in ROWS_OF_A_FACE.items():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}", {"user": user_id})
            counts[table] = cursor.fetchone()[0]
    return counts


def selfies_there(server):
    faces = [face for collection in server.collections.values() for face in collection]
    return sum(face.external_image_id.startswith("selfie-") for face in faces)


def selfies_kept(keys):
    return sum("/selfies/" in key for key in keys())


@pytest.fixture
def found(rekognition, bucket_name, event, guest, other_guest):
    """Two guests, each with a selfie, found in one photo."""
    for person, user in enumerate((guest, other_guest), 1):
        consent(user, event)
        enrolling.add_selfie(user=user, data=picture([person], seed=person))
    ingest(event=event, data=picture([1, 2]), name="a.jpg", uploader=None)
    run_jobs()
    searching.sweep()  # photos are searched for when they have settled
    run_jobs()
    for user in (guest, other_guest):
        mailing.ask(user=user, event=event)
    assert FaceMatch.objects.count() == 2
    return guest


@pytest.mark.parametrize("goodbye", GOODBYES, ids=lambda goodbye: goodbye.__name__)
def test_nothing_of_the_face_stays_anywhere(found, rekognition, keys, other_guest, goodbye):
    user_id, others = found.pk, rows_of(other_guest.pk)
    assert all(rows_of(user_id).values()), "the test would prove nothing of an empty table"
    assert (selfies_there(rekognition), selfies_kept(keys)) == (2, 2)
    goodbye(found)
    assert set(rows_of(user_id).values()) == {0}  # at once, before any job
    run_jobs()
    assert (selfies_there(rekognition), selfies_kept(keys)) == (1, 1)
    assert rows_of(other_guest.pk) == others


def test_the_page_that_a_browser_kept_is_not_confirmed(found, event, as_user):
    client, address = as_user(found), reverse("my_photos", args=[event.slug])
    etag = client.get(address)["ETag"]
    withdrawal.withdraw(user=found, event=event)
    answer = client.get(address, headers={"if-none-match": etag})
    assert answer.status_code == 200
    assert "/thumbnail" not in answer.content.decode()


@pytest.mark.parametrize("goodbye", GOODBYES, ids=lambda goodbye: goodbye.__name__)
@pytest.mark.parametrize("operation", ["IndexFaces", "SearchFaces"])
def test_a_job_under_way_writes_nothing_back(
    rekognition, bucket_name, keys, event, guest, monkeypatch, goodbye, operation
):
    """The guest goes while Amazon answers: about the selfie, or whom it is like."""
    consent(guest, event)
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    run_jobs()
    selfie = enrolling.add_selfie(user=guest, data=picture([1], seed=1))
    ask, user_id = aws.ask, guest.pk

    def ask_slowly(asked, **parameters):
        answer = ask(asked, **parameters)
        if asked == operation and Selfie.objects.filter(pk=selfie.pk).exists():
            goodbye(guest)
        return answer

    monkeypatch.setattr(aws, "ask", ask_slowly)
    run_jobs()
    assert not Selfie.objects.filter(pk=selfie.pk).exists(), "nobody went while it answered"
    monkeypatch.undo()
    run_jobs()
    assert set(rows_of(user_id).values()) == {0}
    assert (selfies_there(rekognition), selfies_kept(keys)) == (0, 0)
    assert not Consent.objects.in_force().exists()
    assert PhotoScan.objects.get().state == PhotoScan.State.DONE
