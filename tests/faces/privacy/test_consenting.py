"""Consent is to words, and to what they say is done: whose faces are kept, and by whom."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from events.models import Event
from faces.index.indexes import index_of
from faces.index.models import EventIndex
from faces.models import Consent, FaceMatch, Receipt, Selfie
from faces.privacy import consenting, receipts, records
from findme import jobs
from findme.refusals import words_of
from tests.builders import agreeing, consent, make_match, make_photo, make_selfie
from tests.fakes import picture
from tests.locks import can_lock

pytestmark = pytest.mark.django_db


def moved_to_amazon(event):
    """As after `reindex_event`; nobody asks the service here."""
    index_of(event)
    EventIndex.objects.in_event(event).update(kind="rekognition")


def looked_for_by(kind, event, guest, **consented):
    moved_to_amazon(event)
    make_match(guest, make_photo(event))
    make_selfie(guest)
    return consent(guest, event, index_kind=kind, **consented)


def page_of(client, event, name="my_photos"):
    return client.get(reverse(name, args=[event.slug]))


def answer(client, event, **fields):
    return client.post(reverse("answer_consent", args=[event.slug]), fields)


@pytest.mark.parametrize(
    ("language", "text_hash"),
    [
        ("en", "f464b521fc8ca9ac26b278e787bfad78d9f1c4eda0f33e03dcb326dbe374fffc"),
        ("fr", "e44db117b699ae7c01a3bda52b6e17f6b6a3249dac3b28f68d42d2220ac17f60"),
    ],
)
def test_whoever_changes_the_words_gives_them_a_new_version(event, language, text_hash):
    """Then this test's version and hashes are changed with them, on purpose."""
    event.name, event.indexing = "Summer party", Event.Indexing.EVERYONE
    moved_to_amazon(event)
    with translation.override(language):
        words = consenting.words(event)
    assert (consenting.TEXT_VERSION, words.text_hash) == ("2026-11-30", text_hash)


def test_the_words_name_who_is_responsible_and_the_age(event, guest, as_user, settings):
    settings.CONTROLLER_NAME, settings.CONTROLLER_CONTACT = "Weddings Ltd", "+33 1"
    shown = page_of(as_user(guest), event, "selfie").content.decode()
    assert "Responsible for the photos: The hosts, hosts@example.com." in shown
    assert "16 or older, or that a parent or guardian agrees" in shown
    Event.objects.update(controller_name="", controller_contact="")
    assert "Weddings Ltd, +33 1." in page_of(as_user(guest), event, "selfie").content.decode()
    assert "Weddings Ltd, +33 1." in as_user(guest).get(reverse("privacy")).content.decode()


def test_a_consent_tells_which_words_were_on_the_page(event, guest, as_user):
    image = SimpleUploadedFile("me.jpg", picture([1]), "image/jpeg")
    fields = agreeing(event)
    as_user(guest).post(reverse("selfie", args=[event.slug]), {"image": image, **fields})
    given = Consent.objects.get()
    assert given.text_hash == fields["words"]
    assert (given.text_version, given.language) == (consenting.TEXT_VERSION, "en")
    assert (given.indexing, given.index_kind) == ("everyone", "local")


@pytest.mark.parametrize(
    "change",
    [
        lambda event: Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY),
        lambda event: Event.objects.update(controller_contact="+33 1 02 03 04 05"),
        moved_to_amazon,
    ],
    ids=["whose faces", "responsible", "service"],
)
@pytest.mark.parametrize("name", ["selfie", "reuse_selfies"])
def test_who_read_other_words_is_asked_again_and_nothing_is_kept(
    event, guest, as_user, change, name
):
    fields = agreeing(event)
    change(event)
    image = SimpleUploadedFile("me.jpg", picture([1]), "image/jpeg")
    page = as_user(guest).post(reverse(name, args=[event.slug]), {"image": image, **fields})
    assert page.status_code == 422
    assert words_of("consent_changed") in page.content.decode()
    event.refresh_from_db()
    assert agreeing(event)["words"] in page.content.decode()
    assert not Consent.objects.exists()
    assert not Selfie.objects.exists()


@pytest.mark.parametrize(
    ("agreed", "now", "asked"),
    [
        (("local", "everyone"), ("rekognition", "everyone"), "kind"),
        (("rekognition", "everyone"), ("local", "everyone"), None),
        (("local", "guests_only"), ("local", "everyone"), "indexing"),
        (("local", "everyone"), ("local", "guests_only"), None),
    ],
    ids=["to a service", "back", "to everybody", "to guests only"],
)
def test_guests_are_asked_anew_about_more_than_the_words_said(event, guest, agreed, now, asked):
    Event.objects.update(indexing=now[1])
    event.refresh_from_db()
    index_of(event)
    EventIndex.objects.update(kind=now[0])
    consent(guest, event, index_kind=agreed[0], indexing=agreed[1])
    assert consenting.asked_again(guest, event) == asked


@pytest.mark.parametrize("name", ["my_photos", "selfie"])
def test_who_is_asked_anew_keeps_their_photos_and_sees_the_new_words(event, guest, as_user, name):
    looked_for_by("local", event, guest)
    shown = page_of(as_user(guest), event, name)
    assert "Amazon Rekognition, for us" in shown.content.decode()
    assert "May we go on looking for you?" in shown.content.decode()
    assert FaceMatch.objects.of(guest).exists()
    if name == "my_photos":
        assert not shown.context["guest_progress"].is_waiting


def test_a_yes_replaces_the_consent_and_removes_nothing(event, guest, as_user):
    since = timezone.now()
    old = looked_for_by("local", event, guest, together_since=since)
    assert answer(as_user(guest), event, **agreeing(event)).status_code == 302
    new = Consent.objects.in_force().get()
    old.refresh_from_db()
    assert (new.index_kind, new.together_since, old.is_replaced) == ("rekognition", since, True)
    receipts.sweep()
    assert not Receipt.objects.exists()
    assert FaceMatch.objects.exists()
    assert "replaced" in {happening.what for happening in records.activity(guest)}
    assert "replaced by a newer one" in as_user(guest).get(reverse("privacy")).content.decode()


def test_a_yes_to_words_that_changed_meanwhile_is_none(event, guest, as_user):
    looked_for_by("local", event, guest)
    client, old_words = as_user(guest), {"consent": "on", "words": "0" * 64}
    assert answer(client, event, **old_words).status_code == 302
    assert words_of("consent_changed") in page_of(client, event).content.decode()
    assert Consent.objects.get().index_kind == "local"


def test_a_no_is_a_withdrawal(event, guest, as_user):
    looked_for_by("local", event, guest)
    answer(as_user(guest), event, withdraw="on")
    assert not Consent.objects.in_force().exists()
    assert not FaceMatch.objects.exists()
    assert Receipt.objects.exists()


def test_a_yes_after_a_withdrawal_in_another_tab_is_none(event, guest, as_user):
    looked_for_by("local", event, guest)
    fields = agreeing(event)
    answer(as_user(guest), event, withdraw="on")
    answer(as_user(guest), event, **fields)
    assert not Consent.objects.in_force().exists()


def test_outsiders_get_404(event, stranger, rival_organizer, as_user):
    for user in (stranger, rival_organizer):
        assert answer(as_user(user), event, consent="on").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_whoever_removes_a_guest_waits_for_their_consent_and_rows_that_refer_to_them_do_not(
    event, guest, monkeypatch
):
    def look(job, event_id):
        found.extend(can_lock(guest, kind) for kind in ("KEY SHARE", "NO KEY UPDATE"))

    found = []
    monkeypatch.setattr(jobs, "enqueue", look)
    consenting.give(user=guest, event=event, words=consenting.words(event))
    assert found == [True, False]
