"""Two attacks on who somebody is, told as stories: nobody gets anything by typing an address."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from events.desk import roles
from events.models import Event, Membership, SignIn, User
from faces.finding import enrolling
from faces.models import Consent, Enrollment, FaceMatch, NoticeRequest, Receipt, Selfie
from faces.privacy import receipts
from photos.models import Download, Favourite, HideRequest, Photo
from tests.builders import (
    add_member,
    agreeing,
    join_unproven,
    last_code,
    make_match,
    make_photo,
    make_question,
    sign_in_by_code,
)
from tests.fakes import picture

pytestmark = pytest.mark.django_db
BOSS, OWNER = "boss@agency.example", "owner@example.com"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


def give_selfie(client, event, seed=1):
    image = SimpleUploadedFile("me.jpg", picture([1], seed=seed), "image/jpeg")
    address = reverse("selfie", args=[event.slug])
    answer = client.post(address, {"image": image, **agreeing(event), "notices": "on"})
    assert answer.status_code == 302
    enrolling.enroll_event(event.pk)


class TestDeskTakeover:
    """Somebody joins with the address of a photographer to be, who is invited later."""

    @pytest.fixture
    def thief(self, event, organizer):
        thief = join_unproven(event, BOSS)
        roles.invite(event=event, email=BOSS, role="organizer", by=organizer)
        return thief

    @pytest.mark.parametrize("name", ["change", "guests", "figures"])
    def test_the_session_that_typed_the_address_opens_no_page_of_the_desk(self, thief, event, name):
        answer = thief.get(reverse(f"admin:events_event_{name}", args=[event.pk]))
        assert answer.url.startswith(reverse("admin:login"))
        assert thief.get(reverse("admin:index")).status_code == 302

    def test_it_closes_and_deletes_nothing(self, thief, event):
        for page in ("close", "delete"):
            name = f"admin:events_event_{page}"
            thief.post(reverse(name, args=[event.pk]), {"confirm": event.name})
        assert Event.objects.filter(pk=event.pk, closed_at=None, deletion_started_at=None).exists()

    def test_it_is_not_the_owners_any_more_once_the_owner_comes(self, thief, event):
        boss = sign_in_by_code(BOSS)
        page = reverse("admin:events_event_change", args=[event.pk])
        assert boss.get(page).status_code == 200
        assert thief.get(page).status_code == 302
        assert thief.get(event.get_absolute_url()).url.startswith(reverse("account_login"))

    def test_a_role_given_first_leaves_no_way_in_without_a_code(self, event, organizer):
        roles.invite(event=event, email=BOSS, role="organizer", by=organizer)
        thief = Client()
        answer = thief.post(event.get_join_url(), {"name": "Thief", "email": BOSS})
        assert answer.url.startswith(reverse("account_confirm_login_code"))
        assert not SignIn.objects.exists()


class TestPreHijacking:
    """Somebody joins with another's address; the owner comes later, and proves it."""

    @pytest.fixture
    def thief(self, event):
        thief = join_unproven(event, OWNER, "Thief")
        give_selfie(thief, event)
        return thief

    @pytest.fixture
    def account(self, thief, event):
        """With something of every kind that the session could make."""
        account, photo = User.objects.get(email=OWNER), make_photo(event)
        make_match(account, photo)
        make_question(account, event)
        make_photo(event, uploader=account, moderation="pending", hidden=True, name="waits.jpg")
        make_photo(event, uploader=account, name="shown.jpg")
        Favourite.objects.create(user=account, photo=photo)
        Download.objects.create(user=account, event=event, photos=1, size="web")
        hidden = make_photo(event, hidden=True, name="hidden.jpg")
        HideRequest.objects.create(user=account, event=event, photo=hidden, hid_at_once=True)
        return account

    @pytest.fixture
    def owner(self, event, account):
        """By the same QR code: a known address gets a code."""
        owner = Client()
        asked = owner.post(event.get_join_url(), {"name": "Owner", "email": OWNER})
        owner.post(asked.url, {"code": last_code(), "next": event.get_join_url()})
        return owner

    def test_the_thief_never_exports_anything(self, thief):
        assert thief.get(reverse("privacy_export")).url.startswith(reverse("prove"))

    def test_the_thief_is_signed_out_and_sees_nothing_of_the_owner(self, thief, owner, event):
        give_selfie(owner, event, seed=2)
        selfie = Selfie.objects.get()
        for path in (
            reverse("privacy_export"),
            reverse("own_selfie", args=[selfie.pk]),
            reverse("my_photos", args=[event.slug]),
        ):
            assert thief.get(path).url.startswith(reverse("account_request_login_code"))
        assert SignIn.objects.get().how == "code"

    @pytest.mark.parametrize("model", [Selfie, Enrollment, FaceMatch, NoticeRequest, Favourite])
    def test_what_the_thief_made_is_gone(self, owner, model):
        assert not model.objects.exists()

    def test_consents_end_and_requests_to_hide_are_undone(self, owner):
        assert not Consent.objects.in_force().exists()
        assert not HideRequest.objects.exists()
        assert not Photo.objects.get(name="hidden.jpg").hidden

    def test_uploads_that_wait_go_and_the_others_name_nobody(self, owner):
        assert not Photo.objects.filter(name="waits.jpg").exists()
        assert Photo.objects.get(name="shown.jpg").uploader is None
        assert Download.objects.get().user is None

    def test_the_receipt_goes_to_the_owner(self, owner):
        receipts.send(Receipt.objects.get().pk)
        letter = mail.outbox[-1]
        assert letter.to == [OWNER]
        for words in ("somebody had used it", "selfies: 1", "matches: 2", "photos: 1"):
            assert words in letter.body

    def test_the_owner_is_told_on_the_page_and_stays_a_guest(self, owner, event):
        page = owner.get(event.get_absolute_url()).content.decode()
        assert "Somebody had used your address before it was confirmed" in page
        assert Membership.objects.get(user__email=OWNER).event == event
        assert User.objects.get(email=OWNER).name == "Owner"

    def test_what_the_owner_makes_stays_at_later_sign_ins(self, owner, event):
        give_selfie(owner, event, seed=2)
        sign_in_by_code(OWNER)
        assert Selfie.objects.count() == Consent.objects.in_force().count() == 1
        assert owner.get(reverse("privacy_export")).status_code == 200

    def test_proven_in_the_same_session_everything_stays(self, thief, account, event):
        asked = thief.post(reverse("prove"), {"next": event.get_absolute_url()})
        thief.post(asked.url, {"code": last_code()})
        assert FaceMatch.objects.filter(user=account).exists()
        assert Selfie.objects.count() == Consent.objects.in_force().count() == 1
        assert (User.objects.get(email=OWNER).name, Receipt.objects.count()) == ("Thief", 0)

    def test_photos_imported_for_a_photographer_stay_theirs(self, event, organizer):
        roles.invite(event=event, email=BOSS, role="photographer", by=organizer)
        boss = User.objects.get(email=BOSS)
        make_photo(event, uploader=boss)
        sign_in_by_code(BOSS)
        assert Photo.objects.get().uploader == boss


def test_of_another_account_nothing_is_touched(event, guest):
    add_member(event, User.objects.create_user(OWNER))
    make_match(guest, make_photo(event))
    sign_in_by_code(OWNER)
    assert FaceMatch.objects.get().user == guest
