"""What another threshold would find: counts, the faces in question, and choosing it."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from django_q.models import OrmQ
from PIL import Image

from events.models import Event
from faces.desk import threshold
from faces.models import FaceMatch, Rematch
from tests.builders import (
    make_candidate,
    make_enrollment,
    make_event,
    make_face,
    make_match,
    make_photo,
    make_selfie,
    make_user,
)

pytestmark = pytest.mark.django_db

SIMILARITIES = [99.0, 92.0, 83.0, 81.0, 70.0]


@pytest.fixture
def faces(event):
    return [make_face(make_photo(event)) for _ in SIMILARITIES]


@pytest.fixture(autouse=True)
def _candidates(event, faces, guest):
    """The guest's model likes the faces to known degrees."""
    make_enrollment(make_selfie(guest), event)
    for face, similarity in zip(faces, SIMILARITIES, strict=True):
        make_candidate(guest, face, similarity=similarity)


def address(event):
    return reverse("admin:events_event_threshold", args=[event.pk])


def test_it_counts_at_several_thresholds(event):
    counts = threshold.preview(event, 80).counts
    shown = [(count.threshold, count.shown) for count in counts]
    assert shown == [(75, 4), (80, 4), (85, 2), (90, 2), (95, 1)]


def test_it_counts_what_guests_would_be_asked_about(event):
    counts = threshold.preview(event, 50).counts
    asked = {count.threshold: count.asked for count in counts}
    assert (asked[85], asked[95]) == (3, 4)
    assert asked[50] is None


def test_what_the_guests_word_made_sure_counts_as_shown(event, faces, guest):
    make_candidate(guest, make_face(make_photo(event)), similarity=60, band="sure")
    assert threshold.preview(event, 80).count_at(85).shown == 3
    assert threshold.preview(event, 95).count_at(95).shown == 2


def test_a_face_that_another_guest_is_nearer_to_is_asked_about(event, faces):
    rival = make_user("Rival")
    make_enrollment(make_selfie(rival, sha256="1" * 64), event)
    make_candidate(rival, faces[0], similarity=99.5)
    count = threshold.preview(event, 80).count_at(85)
    assert (count.shown, count.asked) == (2, 4)


def test_the_faces_between_are_in_question_beside_the_surest(event, faces, guest):
    preview = threshold.preview(event, 80)
    assert [doubt.face_id for doubt in preview.doubts] == [faces[2].pk, faces[3].pk]
    assert {doubt.sure_face_id for doubt in preview.doubts} == {faces[0].pk}
    assert preview.doubts[0].guest == guest.name


def test_a_higher_one_shows_what_would_be_lost(event, faces):
    assert [doubt.face_id for doubt in threshold.preview(event, 95).doubts] == [faces[1].pk]


def test_what_guests_said_stands_above_the_threshold(event, guest, faces):
    make_match(guest, faces[2].photo, verdict=FaceMatch.Verdict.NOT_ME)
    make_match(guest, faces[4].photo, verdict=FaceMatch.Verdict.ME)
    preview = threshold.preview(event, 80)
    assert (preview.count_at(85).shown, preview.count_at(80).shown) == (3, 4)
    assert [doubt.face_id for doubt in preview.doubts] == [faces[3].pk]


def test_hidden_photos_do_not_count(event, faces):
    photo = faces[2].photo
    photo.hidden = True
    photo.save(update_fields=["hidden"])
    assert threshold.preview(event, 80).count_at(80).shown == 3


def test_where_only_guests_are_looked_for_no_lower_one_is_counted(event):
    event.indexing = Event.Indexing.GUESTS_ONLY
    assert [count.threshold for count in threshold.preview(event, 80).counts] == [85, 90, 95]


def test_choosing_it_matches_everybody_again(event, organizer, as_user):
    as_user(organizer).post(address(event), {"other": "80"})
    event.refresh_from_db()
    assert event.match_threshold == 80
    assert [task.task["name"] for task in OrmQ.objects.all()] == [f"rematch-{event.pk}"]


def test_of_a_large_event_some_guests_speak_for_all(event, faces, monkeypatch):
    for n in range(3):
        guest = make_user(f"Guest{n}")
        make_enrollment(make_selfie(guest, sha256=f"{n}" * 64), event)
        make_candidate(guest, make_face(make_photo(event)), similarity=99)
    exact = threshold.preview(event, 80)
    assert (exact.sampled, exact.guests, exact.count_at(85).shown) == (None, 4, 5)
    monkeypatch.setattr(threshold, "GUESTS_LEAST", 2)
    monkeypatch.setattr(threshold, "CANDIDATES", 1)
    estimate = threshold.preview(event, 80)
    assert (estimate.sampled, estimate.guests) == (2, 4)
    assert estimate.count_at(85).shown in (4, 6)
    assert estimate == threshold.preview(event, 80)


def test_while_everybody_is_matched_anew_the_desk_says_how_far_it_is(event, organizer, as_user):
    client, progress = as_user(organizer), reverse("admin:events_event_rematch", args=[event.pk])
    assert progress not in client.get(address(event)).content.decode()
    threshold.choose(event, 80)
    Rematch.objects.update(done=1200, total=5000)
    for page in (address(event), reverse("admin:events_event_change", args=[event.pk]), progress):
        shown = client.get(page).content.decode()
        assert "Matching anew: 1,200 of 5,000 guests" in shown
        assert f'hx-get="{progress}"' in shown
    Rematch.objects.all().delete()
    assert "hx-get" not in client.get(progress).content.decode()


def test_matching_anew_is_cancelled_by_going_back(event, organizer, as_user):
    client, progress = as_user(organizer), reverse("admin:events_event_rematch", args=[event.pk])
    for chosen in (80, 75):
        threshold.choose(event, chosen)
        event.refresh_from_db()
        shown = client.get(progress).content.decode()
        assert f'action="{address(event)}"' in shown
        assert "Cancel, and go back to 85" in shown
    client.post(address(event), {"other": "85"})
    event.refresh_from_db()
    assert (event.match_threshold, Rematch.objects.get().before) == (85, None)
    assert "Cancel" not in client.get(progress).content.decode()


@pytest.mark.parametrize("wrong", ["", "abc", "nan", "49", "101"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_one_is_refused(event, organizer, as_user, wrong, method):
    answer = getattr(as_user(organizer), method)(address(event), {"other": wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    event.refresh_from_db()
    assert event.match_threshold == 85


def test_a_face_is_cut_out_of_its_photo(event, organizer, as_user, faces):
    name = "admin:events_event_face_picture"
    client = as_user(organizer)
    answer = client.get(reverse(name, args=[event.pk, faces[0].pk]))
    image = Image.open(io.BytesIO(answer.content))
    assert max(image.size) == 192
    foreign = make_face(make_photo(make_event()))
    assert client.get(reverse(name, args=[event.pk, foreign.pk])).status_code == 404


def test_a_face_at_the_edge_is_cut_within_the_photo(event, organizer, as_user):
    face = make_face(make_photo(event), left=0.99, top=0, width=0.01, height=0.005)
    answer = as_user(organizer).get(
        reverse("admin:events_event_face_picture", args=[event.pk, face.pk])
    )
    assert answer.status_code == 200
