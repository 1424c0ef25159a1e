"""Models and candidates in the database: the same in whatever order things came, and who died."""

import threading

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from events.models import Event
from faces import tasks
from faces.finding import comparing, matching, recognition, renewing, verdicts
from faces.index import templates
from faces.index.contract import FoundFace
from faces.index.indexes import index_of
from faces.index.local import LocalIndex
from faces.models import Candidate, Face, FaceMatch, GuestModel
from photos import removing
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import consent, make_enrollment, make_photo, make_scan, make_selfie
from tests.faces.finding.party import Cast, Party
from tests.faces.finding.test_matching import scan_all
from tests.fakes import picture, template

pytestmark = pytest.mark.django_db


@pytest.fixture
def party(event):
    return Party(event)


def in_a_random_order(event, seed, renewals):
    """Everything of a party brought in some order, with renewals at random moments."""
    party = Party(event)
    order = party.everything()
    chance = np.random.default_rng(seed)
    chance.shuffle(order)
    for step in order:
        party.bring([step])
        if chance.random() < renewals:
            renewing.renew(event)
    renewing.renew(event)
    return party.matches()


@pytest.mark.parametrize(("seed", "renewals"), [(1, 0), (2, 0.3), (3, 1)])
def test_any_order_ends_in_the_same_matches(event, party, seed, renewals):
    party.bring(party.everything())
    renewing.renew(event)
    expected = party.matches()
    assert len(expected) > 12
    assert {band for _user, _photo, _face, band, _similarity in expected} == {"sure", "asked"}
    Photo.objects.all().delete()
    event.memberships.all().delete()
    FaceMatch.objects.all().delete()
    GuestModel.objects.all().delete()
    for user in party.users.values():
        user.delete()
    assert in_a_random_order(event, seed, renewals) == expected


def kept():
    rows = Candidate.objects.values_list("user", "face", "similarity", "strength", "band")
    return sorted(rows), sorted(FaceMatch.objects.values_list("user", "photo", "face", "band"))


def test_the_database_and_the_memory_find_the_same(event, party):
    party.bring(party.everything())
    renewing.match_everybody(event)
    found = kept()
    for model in (Candidate, FaceMatch, GuestModel):
        model.objects.all().delete()
    for user in party.users.values():
        with matching.matching(event.pk, with_others=False):
            matching.match_guests(event, party.index, [user.pk])
    assert found == kept()
    assert len(found[0]) > 12


@pytest.mark.parametrize("seed", [4, 5])
def test_a_threshold_chosen_later_comes_to_the_same_as_from_the_first_on(event, seed, monkeypatch):
    """Only what changes is written, and rivals are heard only where a claim changed."""
    monkeypatch.setattr(matching, "BLOCK", 2)
    party = Party(event, seed, guests=7, photos=30)
    party.bring(party.everything())
    for value in (99.0, 55.0, 80.0):
        Event.objects.update(match_threshold=value)
        renewing.match_everybody(event)
        found = kept()
        for model in (Candidate, FaceMatch, GuestModel):
            model.objects.all().delete()
        renewing.match_everybody(event)
        assert kept() == found


def test_faces_in_memory_follow_those_in_the_database(event, party, monkeypatch):
    monkeypatch.setattr(templates, "HELD_WIDE", 20)  # then they are held as narrow numbers
    party.bring(party.everything()[:4])
    held, query = party.index.in_memory(), party.selfies[0][0]
    for number in (1, 2, 3):
        held.refresh()
        (found,) = held.near(query[None], [-1.0])
        asked = party.index.near(query, -1.0)
        assert dict(zip(found.face_ids, found.vectors.tolist(), strict=True)) == dict(
            zip(asked.face_ids, asked.vectors.tolist(), strict=True)
        )
        party.publish(number * 3)
        Face.objects.earliest("pk").delete()
        party.bring([("photo", n) for n in range(number * 3 + 1, number * 3 + 3)])


def test_a_photo_is_compared_without_a_second_look_at_the_others(event, party, monkeypatch):
    party.bring(party.everything()[:12])

    def looks(*_args):
        raise AssertionError("it looked at all faces")

    monkeypatch.setattr(LocalIndex, "near", looks)
    monkeypatch.setattr(LocalIndex, "in_memory", looks)
    before = FaceMatch.objects.count()
    party.publish(12)
    party.publish(13)
    assert FaceMatch.objects.count() > before


def test_a_photo_marks_the_models_it_may_be_a_part_of_and_no_others(event, party):
    party.bring(party.everything()[:4])
    GuestModel.objects.update(is_stale=False)
    party.photos.append([party.selfies[2][0]])
    party.publish(len(party.photos) - 1)
    stale = set(GuestModel.objects.stale().values_list("user", flat=True))
    assert stale == {party.users[2].pk}
    assert renewing.renew(event) == 1
    assert renewing.renew(event) == 0


def test_who_dies_while_models_are_renewed_leaves_the_rest_to_the_sweep(event, party, monkeypatch):
    party.bring(party.everything())
    renewing.match_everybody(event)
    expected = party.matches()
    monkeypatch.setattr(matching, "BLOCK", 1)
    FaceMatch.objects.all().delete()
    GuestModel.objects.update(is_stale=True, renewed_at=timezone.now() - renewing.LOOK_AGAIN)
    real, calls = matching.match_guests, []

    def dies(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(matching, "match_guests", dies)
    with pytest.raises(KeyboardInterrupt):
        renewing.renew(event)
    assert GuestModel.objects.stale().count() == 1
    renewing.sweep()
    assert [task.task["name"] for task in OrmQ.objects.all()] == [f"renew-{event.pk}"]
    renewing.renew(event)
    matching.publish_all(event)
    assert party.matches() == expected


def test_a_removed_photo_leaves_the_models_it_was_a_part_of(event, party):
    party.bring(party.everything())
    renewing.renew(event)
    gone = FaceMatch.objects.filter(user=party.users[0]).first().photo
    removing.remove([gone.pk], by=None)
    assert GuestModel.objects.filter(user=party.users[0]).stale().exists()
    renewing.renew(event)
    faces = set(Face.objects.values_list("pk", flat=True))
    assert all(faces.issuperset(model.members) for model in GuestModel.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_goes_while_models_are_made_is_a_part_of_none(event, party, monkeypatch):
    party.bring(party.everything())
    renewing.renew(event)
    model = next(model for model in GuestModel.objects.all() if model.members)
    gone = Face.objects.get(pk=model.members[0])
    GuestModel.objects.update(is_stale=True)
    real, removal = comparing._store_models, threading.Thread(target=remove, args=(gone.photo_id,))

    def stores(*args):
        removal.start()
        removal.join(1)  # it waits for the models, or it is done
        real(*args)

    monkeypatch.setattr(comparing, "_store_models", stores)
    renewing.renew(event)
    removal.join(30)
    assert not Face.objects.filter(pk=gone.pk).exists()
    assert GuestModel.objects.get(pk=model.pk).is_stale


def remove(photo_id):
    try:
        removing.remove([photo_id], by=None)
    finally:
        connection.close()


def test_another_threshold_moves_both_bands(event, party):
    party.bring(party.everything())
    renewing.match_everybody(event)
    sure = FaceMatch.objects.filter(band="sure").count()
    event.match_threshold = 99
    event.save()
    renewing.match_everybody(event)
    assert FaceMatch.objects.filter(band="sure").count() < sure
    wanted = comparing.limits(party.index, event)
    assert wanted.sure - wanted.asked == pytest.approx(recognition.ASKED_BELOW)
    assert set(GuestModel.objects.values_list("sure_at", flat=True)) == {wanted.sure}


def test_in_a_crowd_of_faces_both_bands_rise(event):
    index = index_of(event)
    before = comparing.limits(index, event)
    make_scan(make_photo(event), state="done", face_count=20_001)
    after = comparing.limits(index, event)
    assert after.sure - before.sure == pytest.approx(0.01)
    assert after.asked - before.asked == pytest.approx(0.01)


# What guests said.


def test_a_verdict_survives_a_renewal_and_another_threshold(event, party):
    party.bring(party.everything())
    renewing.renew(event)
    match = FaceMatch.objects.filter(user=party.users[0], band="sure").first()
    verdicts.say(user=party.users[0], photo=match.photo, verdict="not_me")
    event.match_threshold = 60
    event.save()
    renewing.match_everybody(event)
    match.refresh_from_db()
    assert match.verdict == "not_me"
    assert not Candidate.objects.filter(user=party.users[0], face=match.face).exists()
    assert match.face_id not in GuestModel.objects.get(user=party.users[0]).members


def test_where_only_guests_are_looked_for_an_asked_face_is_kept_and_goes_with_a_no(event, party):
    event.indexing = "guests_only"
    event.save()
    party.bring(party.everything())
    for photo in Photo.objects.all():
        matching.forget_strangers(event, photo.faces.all())
    asked = FaceMatch.objects.asked().first()
    assert asked.face.template is not None
    matched = FaceMatch.objects.values("face")
    assert not Face.objects.exclude(pk__in=matched).filter(template__isnull=False).exists()
    verdicts.say(user=asked.user, photo=asked.photo, verdict="not_me")
    asked.face.refresh_from_db()
    assert asked.face.template is None


def test_where_only_guests_are_looked_for_a_lower_threshold_asks_about_more(
    event, guest, monkeypatch
):
    """The photos are looked at again, and compared by the new threshold from the first on."""
    event.indexing, event.match_threshold = "guests_only", 95
    event.save()
    selfie = template(1).astype(np.float64)
    face = FoundFace(0.1, 0.1, 0.2, 0.2, 0.9, 0.9, template=Cast(9).near(selfie, 0.36))
    monkeypatch.setattr(LocalIndex, "scan", lambda *args: [face])
    consent(guest, event)
    make_enrollment(make_selfie(guest), event, template=selfie, searched_at=timezone.now())
    renewing.renew(event)
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scan_all()
    assert not FaceMatch.objects.exists()
    Event.objects.update(match_threshold=85)
    renewing.start(Event.objects.get(), before=95)
    tasks.rematch(event.pk)
    scan_all()
    renewing.renew(Event.objects.get())
    assert FaceMatch.objects.asked().count() == 1
    assert Face.objects.get().template is not None


# When.


def test_nothing_is_written_where_nothing_changes(event, party):
    party.bring(party.everything())
    renewing.renew(event)
    tokens = set(FaceMatch.objects.values_list("pk", "similarity"))
    with matching.matching(event.pk, with_others=False):
        matching.publish_all(event)
    assert set(FaceMatch.objects.values_list("pk", "similarity")) == tokens


def test_a_guest_who_looks_has_their_model_renewed_once_in_a_while(event, party):
    party.bring(party.everything())
    user = party.users[0]
    GuestModel.objects.update(is_stale=True, renewed_at=timezone.now() - renewing.LOOK_AGAIN)
    assert renewing.ask_for(event, user)
    assert not renewing.ask_for(event, user)
    renewing.renew_for(event, user.pk)
    assert not GuestModel.objects.filter(user=user).stale().exists()


def test_the_last_photo_of_a_batch_has_the_models_renewed(event, party):
    party.bring(party.everything()[:8])
    waiting = make_scan(make_photo(event))
    OrmQ.objects.all().delete()
    renewing.ask_if_resting(event)
    assert not OrmQ.objects.exists()
    waiting.delete()
    renewing.ask_if_resting(event)
    assert [task.task["name"] for task in OrmQ.objects.all()] == [f"renew-{event.pk}"]
    GuestModel.objects.update(renewed_at=timezone.now() - renewing.LOOK_AGAIN)
    assert renewing.renew_due(event) > 0


def test_photos_that_come_one_by_one_do_not_renew_the_models_each_time(event, party):
    party.bring(party.everything()[:8])
    renewing.renew(event)
    GuestModel.objects.update(is_stale=True)
    assert renewing.renew_due(event) == 0


def test_in_a_long_batch_models_are_renewed_all_the_same(event, party):
    party.bring(party.everything()[:8])
    make_scan(make_photo(event))
    GuestModel.objects.update(is_stale=True, renewed_at=timezone.now() - renewing.LOOK_AGAIN)
    assert renewing.renew_due(event) == 0
    GuestModel.objects.update(renewed_at=timezone.now() - renewing.BUSY)
    OrmQ.objects.all().delete()
    renewing.sweep()
    assert [task.task["name"] for task in OrmQ.objects.all()] == [f"renew-{event.pk}"]
    assert renewing.renew_due(event) > 0
