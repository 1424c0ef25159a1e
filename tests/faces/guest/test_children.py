"""A guardian looks for a child: it has selfies and photos of its own, and nobody else is told."""

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Exclusion, Membership, User
from faces.finding import enrolling
from faces.guest import children
from faces.models import Consent, Enrollment, FaceMatch, Selfie
from faces.notices import mailing
from faces.privacy import personal_data, receipts, withdrawal
from findme.refusals import words_of
from photos.intake.ingest import ingest
from photos.models import GalleryChange
from tests.builders import (
    add_member,
    agreeing,
    find,
    make_event,
    make_match,
    make_photo,
    make_question,
    make_selfie,
    make_user,
    photos_shown,
)
from tests.fakes import picture
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(event, guest):
    guest.proven_at = timezone.now()
    return children.add(guardian=guest, event=event, name="Léa")


@pytest.fixture
def client(guest, as_user):
    return as_user(guest)


def page(client, name, event, *args):
    return client.get(reverse(name, args=[event.slug, *args]))


def turn_to(client, event, person, on="my_photos"):
    data = {"person": person.pk, "page": on}
    return client.post(reverse("look_as", args=[event.slug]), data)


def send_selfie(client, event, person, data):
    file = SimpleUploadedFile("lea.jpg", data, "image/jpeg")
    fields = {"image": file, **agreeing(event, person), "person": person.pk}
    return client.post(reverse("selfie", args=[event.slug]), fields)


def known(client, event):
    """My Photos, and the ETag of the page that a browser has of it."""
    address = reverse("my_photos", args=[event.slug])
    client.get(address)  # sets the cookie of forms, which is a part of it
    return address, client.get(address)["ETag"]


def receive_letters():
    run_jobs()
    return mail.outbox


# --- from the first tap to the photos ---


def test_from_my_photos_to_the_childs_photos(event, guest, client):
    ingest(event=event, data=picture([2], seed=1), name="a.jpg", uploader=None)
    run_jobs()
    assert reverse("children", args=[event.slug]) in page(client, "my_photos", event).text
    data = {"name": "Léa", "guardian": "on"}
    sent = client.post(reverse("children", args=[event.slug]), data, follow=True)
    assert "Léa’s selfie" in sent.text
    assert "I am the parent or guardian of Léa, who is under 16" in sent.text
    lea = User.objects.get(guardian=guest)
    assert send_selfie(client, event, lea, picture([2], seed=9)).status_code == 302
    run_jobs()
    assert len(photos_shown(page(client, "my_photos", event).context["page"])) == 1
    turn_to(client, event, guest)
    assert not page(client, "my_photos", event).context["page"].photos
    assert Consent.objects.get().user == lea


def test_who_is_no_guardian_or_has_not_proven_the_address_adds_no_child(event, guest, client):
    address = reverse("children", args=[event.slug])
    assert client.post(address, {"name": "Léa"}).status_code == 422
    session = client.session
    session.pop("proven_at")
    session["unproven_in"] = event.pk
    session.save()
    User.objects.filter(pk=guest.pk).update(address_proven_at=None)
    sent = client.post(address, {"name": "Léa", "guardian": "on"})
    assert sent.status_code == 422
    assert words_of("child_needs_proof") in sent.text
    assert not User.objects.filter(guardian=guest).exists()


def test_six_children_are_the_most(event, guest, client):
    add = {"name": "Léa", "guardian": "on"}
    answers = [client.post(reverse("children", args=[event.slug]), add) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [302] * 6 + [422]
    assert words_of("too_many_children") in answers[-1].text
    assert User.objects.children_of(guest).count() == 6


def test_a_child_is_looked_for_in_another_event_too_unless_it_was_removed_there(
    event, guest, child, client
):
    elsewhere = make_event()
    add_member(elsewhere, guest)
    bring = reverse("bring_child", args=[elsewhere.slug, child.pk])
    banned = Exclusion.objects.create(event=elsewhere, address_key="-", user=child)
    assert words_of("child_removed_here") in client.post(bring, follow=True).text
    banned.delete()
    assert "Léa’s selfie" in client.post(bring, follow=True).text
    assert list(children.of(guest, elsewhere)) == [child]


# --- nobody else ---


def test_outsiders_get_404(event, child, as_user, stranger, rival_organizer):
    for user in (stranger, rival_organizer):
        outside = as_user(user)
        assert page(outside, "children", event).status_code == 404
        assert turn_to(outside, event, child).status_code == 404
        bring = reverse("bring_child", args=[event.slug, child.pk])
        assert outside.post(bring).status_code == 404
        assert outside.post(reverse("remove_child", args=[child.pk])).status_code == 404


def test_another_guest_can_neither_choose_nor_see_nor_touch_a_child(
    event, child, as_user, other_guest, organizer
):
    find(child, event)
    selfie = Selfie.objects.get()
    for user in (other_guest, organizer):
        other = as_user(user)
        session = other.session
        session["looks_as"] = {str(event.pk): child.pk}
        session.save()
        assert not page(other, "my_photos", event).context["page"].photos
        assert "Léa" not in page(other, "children", event).text
        refused = [
            turn_to(other, event, child),
            send_selfie(other, event, child, picture([3])),
            other.get(reverse("own_selfie", args=[selfie.pk])),
            other.post(reverse("remove_selfie", args=[selfie.pk])),
            other.post(reverse("privacy_withdraw"), {"person": child.pk}),
            other.post(reverse("set_notices"), {"person": child.pk, "event": event.slug}),
            other.post(reverse("remove_child", args=[child.pk])),
        ]
        assert [answer.status_code for answer in refused] == [404] * 7
    assert Selfie.objects.filter(user=child).exists()


def test_a_child_is_seen_only_where_it_and_its_guardian_are_guests(event, guest, child, client):
    turn_to(client, event, child)
    assert page(client, "my_photos", event).context["child"] == child
    Membership.objects.get(user=child).delete()
    assert not page(client, "my_photos", event).context["child"]
    Membership.objects.get(user=guest).delete()
    assert page(client, "my_photos", event).status_code == 404


# --- pages are about the person in view ---


def test_pages_name_the_child_and_show_its_photos(event, guest, child, client):
    find(child, event)
    own = make_match(guest, make_photo(event)).photo
    photo = FaceMatch.objects.get(user=child).photo
    turn_to(client, event, child)
    mine = page(client, "my_photos", event)
    assert "1 photo of Léa" in mine.text
    assert reverse("together", args=[event.slug]) not in mine.text
    assert 'aria-hidden="true">Léa</span>' in page(client, "general", event).text
    assert "Léa is in this photo." in page(client, "photo", event, photo.pk).text
    assert "Is Léa in this photo?" in page(client, "photo", event, own.pk).text
    assert "Léa’s selfie, as the machine sees it" in page(client, "why_not", event).text
    selfie = Selfie.objects.get(user=child)
    assert client.get(reverse("own_selfie", args=[selfie.pk])).status_code == 200


def test_a_page_in_the_browser_is_not_taken_for_another_persons(event, guest, child, client):
    GalleryChange.objects.all().delete()  # the same version for both
    address, etag = known(client, event)
    assert client.get(address, headers={"if-none-match": etag}).status_code == 304
    turn_to(client, event, child)
    assert client.get(address, headers={"if-none-match": etag}).status_code == 200
    turn_to(client, event, guest)
    assert client.get(address)["ETag"] == etag
    withdrawal.remove_child(child)  # on another device: the switch goes
    assert client.get(address)["ETag"] != etag


def test_a_form_is_about_the_person_whose_page_it_was_on(event, guest, child, client):
    """Two tabs: the guardian's own stays open while the other turns to the child."""
    for person in (guest, child):
        find(person, event)
    asked = make_question(guest, event)
    turn_to(client, event, child)
    address = reverse("answer_question", args=[event.slug, asked.photo_id])
    answer = {"answer": "no", "face": asked.face_id, "on": "card"}
    client.post(address, answer)  # to nobody's question: the child is in view
    asked.refresh_from_db()
    assert asked.verdict == ""
    client.post(address, answer | {"person": guest.pk})
    asked.refresh_from_db()
    assert asked.verdict == "not_me"


def test_that_there_could_be_children_costs_nothing_when_a_page_is_revalidated(
    event, client, django_assert_num_queries
):
    address, etag = known(client, event)
    with django_assert_num_queries(1):
        client.get(address, headers={"if-none-match": etag})


# --- letters and privacy ---


def test_notices_go_to_the_guardian_and_open_the_childs_photos(event, guest, child, as_user):
    Event.objects.update(starts_on=timezone.localdate(), ends_on=timezone.localdate())
    find(child, event)
    request = mailing.ask(user=child, event=event)
    make_match(child, make_photo(event))
    assert mailing.send(request.pk)
    (letter,) = mail.outbox
    assert letter.to == [guest.email]
    assert "1 new photo of Léa" in letter.subject
    assert "Hello Gina," in letter.body
    client = as_user(guest)
    opened = client.get(reverse("open_notice", args=[mailing.open_token(request)]), follow=True)
    assert opened.context["child"] == child
    stop = reverse("stop_notices", args=[mailing.stop_token(request)])
    assert "new photos of Léa" in client.get(stop).text


def test_my_privacy_shows_exports_and_withdraws_each_child_by_itself(event, guest, child, client):
    for person in (guest, child):
        find(person, event)
    privacy = client.get(reverse("privacy")).text
    assert "Looking for photos of Léa" in privacy
    exported = client.get(reverse("privacy_export")).json()["children"]
    assert [one["account"]["name"] for one in exported] == ["Léa"]
    assert exported[0]["faces.facematch"]
    client.post(reverse("privacy_withdraw"))
    assert list(Consent.objects.in_force().values_list("user", flat=True)) == [child.pk]
    client.post(reverse("privacy_withdraw"), {"person": child.pk, "event": event.pk})
    assert not Selfie.objects.exists()
    letters = receive_letters()
    assert {tuple(letter.to) for letter in letters} == {(guest.email,)}
    assert "your consent for Léa" in letters[-1].body


def test_a_child_is_removed_with_everything_and_the_guardian_gets_the_receipt(
    event, guest, child, client
):
    find(child, event)
    client.post(reverse("remove_child", args=[child.pk]))
    assert not Enrollment.objects.exists()
    assert not User.objects.filter(pk=child.pk).exists()
    assert personal_data.counts(guest) == {"events.membership": 1, "events.signin": 1}
    (letter,) = receive_letters()
    assert letter.to == [guest.email]
    assert "Léa is removed from your account" in letter.body
    assert "your address is deleted" not in letter.body


@pytest.mark.rekognition
def test_with_the_account_its_children_go_at_the_service_too_with_one_receipt(
    event, guest, child, rekognition
):
    for number, person in enumerate((guest, child), start=1):
        make_selfie(person, person=number)
        find(person, event)
    assert any(rekognition.collections.values())
    counts = withdrawal.delete_account(guest)
    assert (counts["events.user"], counts["faces.selfie"]) == (1, 2)
    (letter,) = receive_letters()
    assert f"{event.name} (Léa)" in letter.body
    assert not any(rekognition.collections.values())
    assert not User.objects.filter(name__in=["Gina", "Léa"]).exists()


# --- the desk ---


def test_the_desk_names_the_guardian_and_gives_a_child_no_role(event, guest, child, as_user):
    olga = as_user(event.memberships.organizers().get().user)
    shown = olga.get(reverse("admin:events_event_guests", args=[event.pk])).text
    assert "Léa (child of Gina)" in shown
    assert child.email not in shown
    own = Membership.objects.get(user=child)
    role = reverse("admin:events_event_guest_role", args=[event.pk, own.pk])
    assert olga.post(role, {"role": "organizer"}).status_code == 404
    invite = reverse("admin:events_event_guests", args=[event.pk])
    assert olga.post(invite, {"email": child.email, "role": "organizer"}).status_code == 422
    boss = as_user(make_user("Boss", is_staff=True, is_superuser=True))
    assert "Léa" not in boss.get(reverse("admin:events_user_changelist")).text


def test_a_guardian_who_is_removed_from_the_event_takes_the_children_along(
    event, guest, child, as_user
):
    find(child, event)
    olga = as_user(event.memberships.organizers().get().user)
    own = Membership.objects.get(user=guest)
    olga.post(reverse("admin:events_event_guest_removal", args=[event.pk, own.pk]))
    assert not Membership.objects.filter(user__in=[guest, child]).exists()
    assert not Consent.objects.in_force().exists()
    (letter,) = receive_letters()
    assert letter.to == [guest.email]


def test_a_child_gives_no_access_of_its_own(event, guest, child):
    assert not child.has_usable_password()
    Membership.objects.filter(user=child).update(role=Membership.Role.ORGANIZER)
    assert not Event.objects.organized_by(child).exists()
    assert receipts.write(user=child) is None
    assert enrolling.Consent.objects.of(child).count() == 0
