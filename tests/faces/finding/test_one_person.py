"""All selfies of a guest are of one person, and changing the person leaves a trace."""

import numpy as np
import pytest

from faces.errors import UnusableSelfie
from faces.finding import enrolling, erasing, one_person
from faces.models import Enrollment, FaceChange, Selfie
from faces.privacy import withdrawal
from tests.builders import consent, make_enrollment, make_event, make_selfie
from tests.fakes import FakeEngine, picture, template

pytestmark = pytest.mark.django_db


def add(user, person, **more):
    return enrolling.add_selfie(user=user, data=picture([person], seed=99), **more)


def changes(user):
    return sorted(FaceChange.objects.of(user).telling().values_list("what", "event"))


def test_somebody_elses_is_refused_and_nothing_of_it_kept(event, guest, caplog):
    caplog.set_level("INFO")
    consent(guest, event)
    own = make_selfie(guest, person=1)
    with pytest.raises(UnusableSelfie, match="another_person"):
        add(guest, 2)
    assert list(Selfie.objects.all()) == [own]
    assert "selfie_refused code=another_person" in caplog.text
    assert add(guest, 1) != own


def test_what_the_index_knows_is_not_computed_again(event, guest, monkeypatch):
    make_enrollment(make_selfie(guest, person=1), event)
    made = []
    describe = FakeEngine.describe
    monkeypatch.setattr(FakeEngine, "describe", lambda *args: made.append(args) or describe(*args))
    add(guest, 1)
    assert len(made) == 1


def test_another_models_templates_are_not_compared(event, guest):
    make_enrollment(make_selfie(guest, person=1), event, index_name="other", template=template(2))
    add(guest, 1)
    assert Enrollment.objects.count() == 1


def test_it_is_enough_to_be_like_one_of_them(guest):
    make_selfie(guest, person=1)
    make_selfie(guest, person=2)
    add(guest, 2)
    with pytest.raises(UnusableSelfie, match="another_person"):
        add(guest, 3)


def test_weak_faces_need_less():
    one = np.eye(2, dtype=np.float32)[0]
    near = np.array([0.15, (1 - 0.15**2) ** 0.5], np.float32)
    faces = [one_person.Face(near, is_weak) for is_weak in (False, True)]
    clear = one_person.Face(one, is_weak=False)
    assert [clear.is_like(face) for face in faces] == [False, True]


def test_of_two_people_at_once_the_second_is_refused(guest, monkeypatch):
    kept_of = enrolling.kept_of

    def meanwhile(image):
        monkeypatch.setattr(enrolling, "kept_of", kept_of)
        add(guest, 2)
        return kept_of(image)

    monkeypatch.setattr(enrolling, "kept_of", meanwhile)
    with pytest.raises(UnusableSelfie, match="another_person"):
        add(guest, 1)
    assert Selfie.objects.count() == 1


def remove_all(user, event):
    for selfie in Selfie.objects.of(user):
        erasing.remove_selfie(selfie)


def withdraw(user, event):
    withdrawal.withdraw(user=user, event=event)


@pytest.mark.parametrize("give_up", [remove_all, withdraw])
class TestChanging:
    def test_a_session_that_proved_nothing_cannot(self, event, guest, give_up):
        consent(guest, event)
        make_selfie(guest)
        give_up(guest, event)
        with pytest.raises(UnusableSelfie, match="prove_first_to_change"):
            add(guest, 1)
        assert not Selfie.objects.exists()

    def test_it_is_told_where_the_face_is_looked_for(self, event, guest, give_up):
        elsewhere = make_event()
        consent(guest, event)
        make_selfie(guest)
        give_up(guest, event)
        add(guest, 2, event=elsewhere, may_change=True, along=lambda: consent(guest, elsewhere))
        looked_for = {elsewhere} if give_up is withdraw else {event, elsewhere}
        assert changes(guest) == sorted(("changed", each.pk) for each in looked_for)


def test_a_first_selfie_and_one_of_two_are_no_change(event, guest):
    consent(guest, event)
    add(guest, 1)
    make_selfie(guest)
    erasing.remove_selfie(Selfie.objects.earliest("pk"))
    add(guest, 1)
    assert changes(guest) == []
    assert not one_person.is_change(guest)


def test_who_was_never_looked_for_changes_nothing(event, guest):
    consent(guest, event)
    rejected = make_selfie(guest, state="rejected", rejection_code="no_face", image_data=None)
    erasing.remove_selfie(rejected)
    add(guest, 2)
    assert changes(guest) == []


@pytest.mark.engine
def test_real_faces(guest, labelled_faces):
    def give(name):
        return enrolling.add_selfie(user=guest, data=(labelled_faces / name).read_bytes())

    give("fr_obama/obama.jpg")
    give("fr_obama/obama2.jpg")
    with pytest.raises(UnusableSelfie, match="another_person"):
        give("fr_biden/biden.jpg")
