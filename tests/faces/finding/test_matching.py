"""Matches: complete, whatever happens at the same time, and the guest's word lasts."""

import threading
from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import connection

from events.models import Event
from faces.finding import enrolling, matching, renewing, scanning
from faces.models import Candidate, EventIndex, Face, FaceMatch, GuestModel, PhotoScan
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import consent, make_event, make_match, make_photo, make_selfie
from tests.faces.finding.party import Cast, Party
from tests.fakes import picture, template


def scan_all():
    for pk in PhotoScan.objects.filter(state="queued").values_list("pk", flat=True):
        scanning.run(pk)


@pytest.fixture
def matched(event, guest):
    """One photo in which the guest was found."""
    consent(guest, event)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    photo = ingest(event=event, data=picture([1]), name="a.jpg", uploader=None).photo
    scan_all()
    return FaceMatch.objects.get(user=guest, photo=photo)


@pytest.mark.django_db
def test_a_verdict_survives_a_second_scan(event, matched):
    FaceMatch.objects.update(verdict=FaceMatch.Verdict.NOT_ME)
    scanning.scan_again(event)
    scan_all()
    again = FaceMatch.objects.get()
    assert (again.verdict, again.face_id is not None) == ("not_me", True)


@pytest.mark.django_db
def test_a_match_that_no_longer_holds_is_removed_but_not_a_verdict(event, guest, matched):
    said = make_match(guest, make_photo(event), verdict=FaceMatch.Verdict.ME)
    make_match(guest, make_photo(event))
    renewing.match_everybody(event)
    assert set(FaceMatch.objects.values_list("pk", flat=True)) == {matched.pk, said.pk}


@pytest.mark.django_db
def test_the_threshold_decides(event, matched):
    mine, other = template(1), template(2)
    across = other - (other @ mine) * mine
    like = 0.5 * mine + 0.75**0.5 * across / np.linalg.norm(across)
    Face.objects.update(template=like)  # cosine 0.5, similarity 95
    for threshold, matches in [(97, 0), (90, 1)]:
        Event.objects.update(match_threshold=threshold)
        renewing.match_everybody(event)
        assert FaceMatch.objects.counting().count() == matches
        assert FaceMatch.objects.asked().count() == 1 - matches


@pytest.mark.django_db
def test_a_second_selfie_leaves_the_match_of_the_first(event, guest, matched):
    make_selfie(guest, person=2)
    enrolling.enroll_event(event.pk)
    match = FaceMatch.objects.get(photo=matched.photo_id)
    assert (match.band, match.similarity) == ("sure", pytest.approx(100, abs=0.1))


@pytest.mark.django_db
def test_not_me_is_gone_from_my_photos_and_this_is_me_stays(event, guest, matched):
    ids = [matched.photo_id]
    page = Photo.objects.filter(pk__in=ids).shown()
    assert FaceMatch.objects.of(guest).photo_ids(page) == set(ids)
    FaceMatch.objects.update(verdict=FaceMatch.Verdict.NOT_ME)
    assert FaceMatch.objects.of(guest).photo_ids(page) == set()
    FaceMatch.objects.update(verdict=FaceMatch.Verdict.ME, band=FaceMatch.Band.ASKED)
    assert FaceMatch.objects.of(guest).photo_ids(page) == set(ids)


@pytest.mark.django_db
def test_a_match_keeps_the_time_of_its_photo(event, guest, matched):
    """My Photos is read in the order of the matches."""
    moment = datetime(2026, 6, 20, 23, tzinfo=UTC)
    Photo.objects.filter(pk=matched.photo_id).update(taken_at=moment)
    matched.refresh_from_db()
    assert matched.taken_at == moment


@pytest.mark.django_db(transaction=True)
def test_a_guest_and_a_photo_that_arrive_together_do_not_miss_each_other(event, guest):
    """Each side commits while the other works; whoever is second must see the first."""
    consent(guest, event)
    make_selfie(guest, person=1)
    for seed in range(6):
        ingest(event=event, data=picture([1], seed=seed), name="a.jpg", uploader=None)
    together = threading.Barrier(2)

    def work(job):
        together.wait(5)
        try:
            job()
        finally:
            connection.close()

    jobs = [scan_all, lambda: enrolling.enroll_event(event.pk)]
    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert FaceMatch.objects.count() == 6


# One guest a face.


@pytest.fixture
def sisters(event):
    """Two guests who look alike, eight photos of each, and one that both may be."""
    party = Party(event, guests=2, photos=0)
    cast = Cast(3)
    one = cast.person()
    other = cast.person(like=one, cosine=0.6)
    party.selfies = {0: [cast.near(one, 0.8)], 1: [cast.near(other, 0.8)]}
    party.photos = [[cast.near(one, 0.8)] for _ in range(8)]
    party.photos += [[cast.near(other, 0.8)] for _ in range(8)]
    return party


@pytest.mark.django_db
def test_a_face_is_the_guests_who_is_nearest_to_it(event, sisters):
    sisters.bring([step for step in sisters.everything() if step != ("guest", 1)])
    renewing.renew(event)
    alone = {photo for user, photo, *_ in sisters.matches() if user == 0}
    assert alone & {f"{i}.jpg" for i in range(8, 16)}
    sisters.enroll(1)
    renewing.renew(event)
    sure = {(user, photo) for user, photo, _face, band, _ in sisters.matches() if band == "sure"}
    assert sure == {(int(i >= 8), f"{i}.jpg") for i in range(16)}


@pytest.mark.django_db
def test_what_another_guest_takes_is_asked_about_and_not_gone(event, sisters, monkeypatch):
    sisters.bring(sisters.everything())
    renewing.renew(event)
    user, face = sisters.users[0], Face.objects.get(photo__name="8.jpg")
    claim, _ = Candidate.objects.update_or_create(
        user=user,
        face=face,
        defaults={
            "event": event,
            "index_name": sisters.index.name,
            "similarity": 90,
            "strength": 90,
            "band": "sure",
        },
    )
    rival = Candidate.objects.get(user=sisters.users[1], face=face)
    assert rival.strength > claim.strength
    matching.publish(event, sisters.index, [user.pk])
    assert FaceMatch.objects.get(user=user, photo=face.photo).band == "asked"
    assert FaceMatch.objects.get(user=sisters.users[1], photo=face.photo).band == "sure"


@pytest.mark.django_db
def test_twins_lose_none_of_their_own_photos_to_each_other(event, sisters):
    cast = Cast(7)
    one = cast.person()
    other = cast.person(like=one, cosine=0.95)
    sisters.selfies = {0: [cast.near(one, 0.8)], 1: [cast.near(other, 0.8)]}
    sisters.photos = [[cast.near(twin, 0.8)] for twin in [one] * 8 + [other] * 8]
    sisters.bring([step for step in sisters.everything() if step != ("guest", 1)])
    renewing.renew(event)
    assert len(sisters.matches()) == 16  # nothing tells the other twin apart while alone
    sisters.enroll(1)
    renewing.renew(event)
    both = {(user, photo) for user, photo, *_ in sisters.matches()}
    assert both >= {(int(i >= 8), f"{i}.jpg") for i in range(16)}


@pytest.mark.django_db
def test_models_of_another_event_do_not_say_who_is_one_person(event, sisters):
    sisters.bring(sisters.everything())
    renewing.renew(event)
    expected = sisters.matches()
    elsewhere = make_event()
    for user in sisters.users.values():
        vectors = dict.fromkeys(["selfies", "first", "second"], template(1))
        GuestModel.objects.create(
            user=user, event=elsewhere, index_name=sisters.index.name, sure_at=0.44, **vectors
        )
    with matching.matching(event.pk, with_others=False):
        matching.publish_all(event)
    assert sisters.matches() == expected


@pytest.mark.django_db
def test_an_index_of_another_model_keeps_its_matches(event, guest, matched):
    """Until `reindex_event` its templates cannot be compared by today's numbers."""
    EventIndex.objects.update(model_version="older")
    Face.objects.update(template=template(2))
    renewing.match_everybody(event)
    assert FaceMatch.objects.get().pk == matched.pk
    guest.selfies.all().delete()
    renewing.match_everybody(event)
    assert not FaceMatch.objects.exists()
    assert not GuestModel.objects.exists()


@pytest.mark.django_db
def test_one_person_with_two_accounts_has_all_photos_in_both(event, sisters):
    sisters.selfies[1] = [Cast(9).near(sisters.selfies[0][0], 0.95)]
    sisters.photos = sisters.photos[:8]
    sisters.bring(sisters.everything())
    renewing.renew(event)
    sure = {(user, photo) for user, photo, _face, band, _ in sisters.matches() if band == "sure"}
    assert sure == {(user, f"{i}.jpg") for i in range(8) for user in (0, 1)}


@pytest.mark.django_db
def test_who_leaves_gives_back_what_they_took(event, sisters):
    sisters.bring(sisters.everything())
    renewing.renew(event)
    own = FaceMatch.objects.filter(user=sisters.users[0], band="sure")
    before = own.count()
    sisters.users[1].selfies.all().delete()
    with matching.matching(event.pk, with_others=False):
        matching.match_guest(event, sisters.users[1].pk)
    assert own.count() > before
    assert not Candidate.objects.filter(user=sisters.users[1]).exists()
