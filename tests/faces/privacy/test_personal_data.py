"""No row about a person can be forgotten: the models themselves are walked."""

import pytest
from django.apps import apps
from django.db import models

from events.models import User
from faces.index.models import Anchor
from faces.models import (
    Consent,
    Enrollment,
    FaceMatch,
    FaceSimilarity,
    GuestModel,
    NoticeRequest,
    Receipt,
    Selfie,
)
from faces.privacy import personal_data, withdrawal
from photos.models import Photo
from tests.builders import consent, make_candidate, make_face, make_match, make_photo, make_selfie
from tests.fakes import template

pytestmark = pytest.mark.django_db

# What a withdrawal must leave nothing of: whatever is made of a face, and what it was asked for.
GONE_AFTER_WITHDRAWAL = {
    "faces.anchor",
    "faces.selfie",
    "faces.enrollment",
    "faces.candidate",
    "faces.facematch",
    "faces.facesimilarity",
    "faces.guestmodel",
    "faces.noticerequest",
}
# What stays until the account goes: that the guest belongs to an event, signs in, and the proof of
# what they agreed to and when that ended.
KEPT_AFTER_WITHDRAWAL = {
    "account.emailaddress",
    "account.emailconfirmation",
    "admin.logentry",
    "events.membership",
    "events.signin",
    "faces.consent",
    "photos.directupload",
    "photos.favourite",
    "faces.facechange",
    "faces.readyletter",
    "mfa.authenticator",
    "photos.hiderequest",
    "photos.uploadbatch",
}
# Rows that name a person and are somebody else's: what remains of them after the account.
NOT_OWNED = {
    "photos.photo": "uploader",
    "photos.download": "user",
    "photos.clockshift": "user",
    "auditlog.logentry": "actor",
    "events.exclusion": "user",
}


@pytest.fixture
def full_guest(event, guest):
    """A guest with a row in every model that knows a face."""
    consent(guest, event)
    selfie = make_selfie(guest)
    enrollment = Enrollment.objects.create(
        selfie=selfie, event=event, index_name="test", template=template(1)
    )
    photo = make_photo(event, uploader=guest)
    make_match(guest, photo)
    face = make_face(photo)
    FaceSimilarity.objects.create(enrollment=enrollment, face=face, similarity=90)
    Anchor.objects.create(enrollment=enrollment, face=face)
    make_candidate(guest, face)
    vectors = dict.fromkeys(["selfies", "first", "second"], template(1))
    GuestModel.objects.create(user=guest, event=event, index_name="test", sure_at=0.44, **vectors)
    NoticeRequest.objects.create(user=guest, event=event)
    return guest


def owned_labels():
    return {model._meta.label_lower for model, _ in personal_data.owned()}


def relations_to_user():
    """Models with a column or a table that leads to a person, by whatever rule of deletion."""
    return {
        model._meta.label_lower
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is User
    }


def test_every_model_with_a_relation_to_a_person_has_a_fate():
    """A new model fails here until somebody says what a withdrawal does to it."""
    decided = GONE_AFTER_WITHDRAWAL | KEPT_AFTER_WITHDRAWAL
    assert owned_labels() == decided
    through = {"events.user_groups", "events.user_user_permissions"}  # rights at the desk
    through |= {"events.user"}  # children, who go with their guardian
    assert relations_to_user() <= decided | set(NOT_OWNED) | through


def test_the_full_guest_is_full(full_guest):
    assert set(personal_data.counts(full_guest)) >= GONE_AFTER_WITHDRAWAL


def test_a_withdrawal_leaves_no_row_of_a_face(full_guest):
    withdrawal.withdraw_everywhere(full_guest)
    left = set(personal_data.counts(full_guest))
    assert left & GONE_AFTER_WITHDRAWAL == set()
    assert {"events.membership", "faces.consent"} <= left


def test_deleting_the_account_leaves_no_row_at_all(full_guest, other_guest, event):
    consent(other_guest, event)
    others = personal_data.counts(other_guest)
    user_id = full_guest.pk
    removed = withdrawal.delete_account(full_guest, remove_photos=False)
    gone = User(pk=user_id)
    assert personal_data.counts(gone) == {}
    assert not User.objects.filter(pk=user_id).exists()
    assert Photo.objects.get().uploader is None
    assert set(removed) >= GONE_AFTER_WITHDRAWAL | {"events.membership", "faces.consent"}
    assert personal_data.counts(other_guest) == others


def test_the_export_holds_every_kind_and_no_picture_or_template(full_guest):
    document = personal_data.export(full_guest)
    assert document["account"]["email"] == full_guest.email
    stored = {"account", "photos.photo", *personal_data.counts(full_guest)}
    assert set(document) == stored - personal_data.LEFT_OUT_MODELS
    assert stored >= personal_data.LEFT_OUT_MODELS
    text = repr(document)
    for secret in ("password", "image_data", "template'", "sha256"):
        assert secret not in text


@pytest.mark.parametrize("model", [Consent, Selfie, FaceMatch, Enrollment])
def test_another_guests_rows_are_not_in_the_export(full_guest, other_guest, model):
    assert model._meta.label_lower not in personal_data.export(other_guest)


def test_the_export_knows_every_model_that_names_a_person():
    assert {model._meta.label_lower: name for model, name in personal_data.naming()} == NOT_OWNED


def test_a_receipt_names_nobody_by_relation():
    """It outlives the account, so it must go by itself: see `receipts.sweep`."""
    assert [f.name for f in Receipt._meta.get_fields() if f.is_relation] == []
