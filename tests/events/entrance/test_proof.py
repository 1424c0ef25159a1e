"""What a session that has proven nothing may do, and how it is proven."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from events.desk import roles
from events.entrance import proof
from events.models import Event, Membership, SignIn, User
from tests.builders import (
    add_member,
    join_unproven,
    last_code,
    make_event,
    make_photo,
    make_user,
    sign_in_by_code,
)

pytestmark = pytest.mark.django_db
CONFIRM = "/account/login/confirm/"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def nina(event):
    """A browser in which a new address was typed, and nothing proven."""
    return join_unproven(event)


def prove(client, then="/privacy/"):
    """As a person does it: the button, then the code."""
    asked = client.post(reverse("prove"), {"next": then})
    return client.post(asked.url, {"code": last_code(), "next": then})


class TestWithoutProof:
    @pytest.mark.parametrize("name", ["my_photos", "general", "selfie", "favourites", "together"])
    def test_the_pages_of_the_event_are_open(self, nina, event, name):
        assert nina.get(reverse(name, args=[event.slug])).status_code == 200

    def test_another_event_is_closed_though_the_account_belongs_to_it(self, nina):
        other = make_event(name="Elsewhere")
        add_member(other, User.objects.get(email="nina@example.com"))
        assert nina.get(other.get_absolute_url()).status_code == 404
        for path in ("/", reverse("privacy")):
            assert "Elsewhere" not in nina.get(path).content.decode()

    def test_no_export_but_the_way_to_it(self, nina):
        answer = nina.get(reverse("privacy_export"))
        assert answer.url == f"{reverse('prove')}?next=%2Fprivacy%2F"
        told = nina.get(reverse("privacy_export"), headers={"accept": "application/json"})
        assert (told.status_code, told.json()["code"]) == (403, "prove_first")

    def test_a_second_event_is_joined_once_the_address_is_confirmed(self, nina):
        link = make_event().get_join_url()
        assert "Confirm your address first" in nina.get(link).content.decode()
        asked = nina.post(link)
        assert Membership.objects.filter(user__email="nina@example.com").count() == 1
        assert nina.post(asked.url, {"code": last_code(), "next": link}).url == link
        assert nina.get(link).url.endswith("/selfie/")
        assert Membership.objects.filter(user__email="nina@example.com").count() == 2

    @pytest.mark.parametrize("presses", [False, True])
    @pytest.mark.parametrize("to_privacy", [False, True])
    def test_a_look_joins_once_and_only_whom_the_proof_led_back_from_the_button(
        self, nina, presses, to_privacy
    ):
        event = make_event()
        link = event.get_join_url()
        if presses:
            nina.post(link)
        prove(nina, reverse("privacy") if to_privacy else link)
        nina.get(link)
        assert event.memberships.exists() == (presses and not to_privacy)
        event.memberships.all().delete()
        assert b"Join as Nina" in nina.get(link).content

    def test_the_privacy_page_says_so_and_offers_a_code(self, nina):
        page = nina.get(reverse("privacy")).content.decode()
        assert "Your address is not confirmed yet" in page
        assert reverse("privacy_export") not in page

    def test_withdrawing_and_leaving_need_no_proof(self, nina):
        assert nina.post(reverse("privacy_withdraw")).url == reverse("privacy")
        assert nina.post(reverse("delete_account")).status_code == 200
        assert not User.objects.filter(email="nina@example.com").exists()

    def test_signing_out_says_first_what_it_costs(self, nina):
        assert 'method="get"' in nina.get("/").content.decode()
        assert "not confirmed yet" in nina.get(reverse("account_logout")).content.decode()

    def test_a_session_left_over_when_the_address_is_proven_is_nobodys(self, nina):
        User.objects.filter(email="nina@example.com").update(address_proven_at=timezone.now())
        assert nina.get(reverse("privacy")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("is_proven", [False, True])
def test_the_page_for_the_code_says_what_goes_and_nothing_of_the_address(
    client, nina, event, is_proven
):
    if is_proven:
        prove(nina)
    typed = {"name": "Nina", "email": "nina@example.com"}
    page = client.get(client.post(event.get_join_url(), typed).url).content.decode()
    assert "If you began in another browser or app" in page
    page = nina.get(nina.post(reverse("prove")).url).content.decode()
    assert "If you began in another browser or app" not in page


class TestProving:
    def test_visitors_are_sent_to_sign_in(self, client):
        for answer in (client.get(reverse("prove")), client.post(reverse("prove"))):
            assert answer.url.startswith(reverse("account_request_login_code"))

    def test_looking_at_the_page_sends_nothing(self, nina):
        assert b"nina@example.com" in nina.get(reverse("prove")).content
        assert mail.outbox == []

    def test_it_leads_back_and_keeps_the_session_under_a_new_key(self, nina):
        before = nina.cookies["sessionid"].value
        assert prove(nina, "/privacy/").url == "/privacy/"
        assert nina.cookies["sessionid"].value != before
        row = SignIn.objects.get(user__email="nina@example.com")
        assert (row.how, row.session_id) == ("code", nina.cookies["sessionid"].value)
        assert row.user.address_proven_at == row.at
        assert nina.get(reverse("privacy_export")).status_code == 200

    @pytest.mark.parametrize(
        "then", ["https://elsewhere.example.com/", "//x.example", "javascript:1"]
    )
    def test_it_leads_nowhere_else(self, nina, then):
        asked = nina.post(reverse("prove"), {"next": then})
        assert asked.url.endswith("?next=%2F")
        assert nina.post(asked.url, {"code": last_code(), "next": then}).url.startswith("/e/")

    def test_wrong_codes_lead_back_to_the_button_and_prove_nothing(self, nina):
        asked = nina.post(reverse("prove"), {"next": "/privacy/"})
        answers = [nina.post(asked.url, {"code": "WRONG"}) for _ in range(3)]
        assert answers[-1].url == f"{reverse('prove')}?next=%2Fprivacy%2F"
        assert "too many attempts" in nina.get(answers[-1].url).content.decode()
        assert nina.get(reverse("privacy_export")).status_code == 302

    def test_codes_are_not_sent_without_end(self, nina):
        answers = [nina.post(reverse("prove")).status_code for _ in range(4)]
        assert answers == [302, 302, 302, 429]

    def test_the_page_to_sign_in_leads_there_too(self, nina):
        answer = nina.get(reverse("account_login"), {"next": "/privacy/"})
        assert answer.url == f"{reverse('prove')}?next=%2Fprivacy%2F"

    def test_a_proof_is_fresh_for_some_minutes(self, as_user, guest):
        request = RequestFactory().get("/")
        request.session = as_user(guest).session
        request.user = proof.seen(request)
        assert proof.is_fresh(request, 10)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            assert not proof.is_fresh(request, 10)
        assert proof.ask(request, "/x/").url == f"{reverse('prove')}?next=%2Fx%2F"

    def test_a_proof_can_be_renewed(self, as_user, guest):
        client = as_user(guest)
        client.get("/")
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            assert "Is it still you?" in client.get(reverse("prove")).content.decode()
            assert prove(client, "/").url == "/"
            assert SignIn.objects.get(user=guest).at > timezone.now() - timedelta(minutes=1)


class TestRoles:
    def test_a_role_begins_in_sessions_proven_after_the_invitation(
        self, event, as_user, guest, organizer
    ):
        client, desk = as_user(guest), f"/admin/events/event/{event.pk}/change/"
        roles.invite(event=event, email=guest.email, role="organizer", by=organizer)
        assert client.get(desk).url.startswith("/admin/login/")
        assert reverse("prove") in client.get("/admin/login/", {"next": desk}).content.decode()
        link = client.get(reverse("account_request_login_code"), {"next": desk}).url
        assert "given a role" in client.get(link).content.decode()
        assert prove(client, desk).url == desk
        assert client.get(desk).status_code == 200

    def test_whoever_holds_a_role_does_nothing_without_proof(self, nina, event, organizer):
        roles.invite(event=event, email="nina@example.com", role="photographer", by=organizer)
        page = event.get_absolute_url()
        assert nina.get(page).url.startswith(reverse("prove"))
        told = nina.get(page, headers={"accept": "application/json"})
        assert (told.status_code, told.json()["code"]) == (403, "prove_first")
        assert nina.post(reverse("delete_account")).url.startswith(reverse("prove"))
        assert User.objects.filter(email="nina@example.com").exists()

    def test_what_was_made_before_the_role_stays_where_it_is_proven(self, nina, event, organizer):
        roles.invite(event=event, email="nina@example.com", role="photographer", by=organizer)
        assert prove(nina, event.get_absolute_url()).url == event.get_absolute_url()
        assert nina.get(reverse("admin:index")).status_code == 200
        assert User.objects.get(email="nina@example.com").name == "Nina"

    def test_an_event_made_from_the_command_line_opens_to_a_proof_only(self, as_user, guest):
        client = as_user(guest)
        options = {"starts_on": timezone.localdate(), "organizer": guest.email, "verbosity": 0}
        options |= {"indexing": "everyone", "controller": ["Olga", "olga@example.com"]}
        call_command("create_event", "Party", slug="party", **options)
        user = User.objects.get(pk=guest.pk)
        user.proven_at = timezone.now() - timedelta(minutes=1)
        assert not Event.objects.organized_by(user).exists()
        assert sign_in_by_code(guest.email).get("/admin/").status_code == 200
        assert client.get("/").status_code == 200


class TestTheFirstProofElsewhere:
    def test_the_name_is_the_owners(self, nina, event):
        owner = User.objects.get(email="nina@example.com")
        for typed in ("Nina Owner", "Somebody Else"):
            address = make_event().get_join_url()
            asked = (client := type(nina)()).post(address, {"name": typed, "email": owner.email})
            client.post(asked.url, {"code": last_code()})
            owner.refresh_from_db()
            assert owner.name == "Nina Owner"  # proven by then, nobody renames it

    def test_a_name_typed_with_another_address_is_not_used(self, nina, event, stranger, client):
        client.post(event.get_join_url(), {"name": "Steve", "email": stranger.email})
        client.post(reverse("account_logout"))
        sign_in_by_code("nina@example.com", client)
        assert User.objects.get(email="nina@example.com").name == ""

    def test_where_nothing_was_made_nothing_is_said(self, nina):
        page = sign_in_by_code("nina@example.com").get("/").content.decode()
        assert "Somebody had used your address" not in page
        assert nina.get(reverse("privacy")).url.startswith(reverse("account_login"))

    def test_an_account_that_nobody_typed_keeps_all_it_has(self, event):
        """Made in People, with photos imported for it: nobody else was ever in."""
        paul = make_user("Paul", email="p@example.com", language="fr", address_proven_at=None)
        photo = make_photo(event, uploader=paul)
        page = sign_in_by_code("p@example.com").get("/").content.decode()
        paul.refresh_from_db()
        photo.refresh_from_db()
        assert (paul.name, paul.language, photo.uploader) == ("Paul", "fr", paul)
        assert paul.address_proven_at is not None
        assert "Somebody had used your address" not in page

    def test_who_was_invited_without_a_name_has_the_one_they_type(self, event, organizer, client):
        roles.invite(event=event, email="p@example.com", role="photographer", by=organizer)
        data = {"name": "Paul", "email": "p@example.com"}
        asked = client.post(event.get_join_url(), data)
        client.post(asked.url, {"code": last_code()})
        assert User.objects.get(email="p@example.com").name == "Paul"

    def test_staff_whose_address_was_typed_keep_the_name_that_the_desk_gave(self, nina):
        nina = User.objects.filter(email="nina@example.com")
        nina.update(is_staff=True, name="Staff")
        sign_in_by_code("nina@example.com")
        assert nina.values_list("name", "address_typed_at").get() == ("Staff", None)


def test_nothing_is_written_to_addresses_of_children(client):
    for address in ("x@child.invalid", "X@CHILD.INVALID"):
        client.post(reverse("account_login"), {"email": address})
    assert mail.outbox == []


def test_scripts_are_told_that_they_are_signed_out(client, event):
    page = event.get_absolute_url()
    told = client.get(page, headers={"accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (401, "signed_out")
    assert client.get(page).url.startswith(reverse("account_request_login_code"))
