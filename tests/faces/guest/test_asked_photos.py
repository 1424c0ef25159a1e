"""A photo that a guest is only asked about is nowhere among theirs: not before they say yes."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from faces.desk import figures, guests, progress
from faces.guest import together
from faces.models import FaceMatch
from faces.notices import mailing
from faces.privacy import personal_data, records
from faces.templatetags.faces import own_photo_counts
from photos import audience
from tests.builders import consent, make_match, make_photo, make_question
from tests.faces.guest.asking import answer
from tests.photos.delivery.answers import archive, ids_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_hand")]


@pytest.fixture
def own(event, guest, selfie):
    """One photo that is the guest's."""
    return make_match(guest, make_photo(event)).photo


@pytest.fixture
def asked(own, event, guest):
    """One that they are asked about."""
    return make_question(guest, event).photo


def get(client, event, name, *more):
    return client.get(reverse(name, args=[event.slug, *more]))


def test_my_photos_has_neither_it_nor_its_page(event, own, asked, guest, as_user):
    client = as_user(guest)
    page = get(client, event, "my_photos")
    assert [shown.id for shown in page.context["page"].photos] == [own.pk]
    assert page.context["photo_count"] == 1
    assert get(client, event, "my_photo", own.pk).status_code == 200
    assert get(client, event, "my_photo", asked.pk).status_code == 404


def test_news_do_not_count_it(event, own, asked, guest, as_user):
    answered = as_user(guest).get(reverse("my_news", args=[event.slug]), {"shown": 0})
    assert answered.context["news"] == 1


def test_it_is_not_downloaded_with_the_others(event, own, asked, guest, as_user):
    other = make_match(guest, make_photo(event)).photo
    client = as_user(guest)
    opened = archive(client.post(reverse("download_mine", args=[event.slug])))
    assert ids_in(opened) == [own.pk, other.pk]


def test_general_does_not_mark_it(event, own, asked, guest, as_user):
    assert get(as_user(guest), event, "general").context["mine"] == {own.pk}


def test_its_page_in_general_shows_it_as_anybodys(event, own, asked, guest, as_user):
    page = get(as_user(guest), event, "photo", asked.pk)
    assert not page.context["faces"]["appearance"].is_in
    assert "Your face" not in page.content.decode()


def test_why_not_counts_it_as_a_question_and_not_among_the_photos(
    event, own, asked, guest, as_user
):
    page = get(as_user(guest), event, "why_not")
    assert (page.context["photo_count"], page.context["question_count"]) == (1, 1)


def test_home_does_not_count_it(event, own, asked, guest):
    assert own_photo_counts(guest, [event]) == {event.pk: 1}


@pytest.mark.parametrize("whose", ["the guest's", "the other's"])
def test_together_leaves_it_out_whoever_is_asked(event, own, asked, guest, other_guest, whose):
    consent(other_guest, event)
    for user in (guest, other_guest):
        together.set_sharing(user=user, event=event, shares=True)
    make_match(other_guest, asked)
    make_match(other_guest, own, **({"band": "asked"} if whose == "the other's" else {}))
    seen, theirs = (guest, other_guest) if whose == "the guest's" else (other_guest, guest)
    partner = together.partners(seen, event)[0]
    expected = {own.pk} if whose == "the guest's" else set()
    found = together.photos_of(seen, partner, event, audience.ALL)
    assert {photo.pk for photo in found} == expected
    counts = together.counts(seen, [partner], event, audience.ALL)
    assert counts == ({theirs.pk: 1} if expected else {})


def test_the_desk_counts_it_neither_for_the_guest_nor_for_the_event(event, own, asked, guest):
    row = guests.members(event, search=guest.email).get()
    assert guests.guest(row).photo_count == 1
    assert {total.name: total.count for total in figures.totals(event)}["matches"] == 1
    assert progress.of_event(event).matches == 1
    assert sum(figures.history(event).values["matches"]) == 1


@pytest.fixture
def notices(event, own, guest):
    """The guest has asked for e-mail, and knows of what there was."""
    today = timezone.localdate()
    Event.objects.update(starts_on=today, ends_on=today)
    event.refresh_from_db()
    return mailing.ask(user=guest, event=event)


def test_nobody_is_written_to_about_it(event, notices, guest):
    make_question(guest, event)
    assert mailing.sweep() == 0
    assert not mailing.send(notices.pk)
    assert mail.outbox == []


def test_nobody_is_written_to_about_what_they_said_themselves(event, notices, guest, as_user):
    answer(as_user(guest), event, make_question(guest, event), "yes")
    assert not mailing.send(notices.pk)


def test_what_followed_from_a_yes_is_news_as_any_other(event, notices, guest, as_user):
    answer(as_user(guest), event, make_question(guest, event), "yes")
    make_match(guest, make_photo(event))
    assert mailing.send(notices.pk)
    assert "1 new photo of you" in mail.outbox[0].subject


def test_the_record_counts_it_as_what_it_is(event, own, asked, guest, as_user):
    make_match(guest, make_photo(event), verdict="not_me")
    (record,) = records.records(guest)
    counts = (record.match_count, record.question_count, record.denied_count)
    assert counts == (1, 1, 1)
    page = " ".join(as_user(guest).get(reverse("privacy")).content.decode().split())
    assert "<dt>Photos you are asked about</dt> <dd>1</dd>" in page
    assert "<dt>Photos you said no to</dt> <dd>1</dd>" in page


def test_a_guest_of_whom_nothing_but_a_no_is_kept_can_withdraw_it(event, guest):
    make_match(guest, make_photo(event), verdict="not_me")
    (record,) = records.records(guest)
    assert record.has_face_data


def test_the_export_has_it_labelled(event, own, asked, guest):
    FaceMatch.objects.filter(photo=asked).update(put_off_at=timezone.now())
    rows = personal_data.export(guest)["faces.facematch"]
    by_photo = {row["photo_id"]: row for row in rows}
    assert (by_photo[own.pk]["band"], by_photo[asked.pk]["band"]) == ("sure", "asked")
    assert by_photo[asked.pk]["put_off_at"] is not None
    assert by_photo[asked.pk]["verdict"] == ""
