"""The list of sessions in My privacy, and ending them."""

import pytest
from django.test import Client
from django.urls import reverse

from events.entrance.devices import name_of
from events.models import SignIn
from tests.builders import sign_in_by_code

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def end(client, sign_in):
    return client.post(reverse("end_session", args=[sign_in.pk]))


def is_signed_in(client):
    return client.get(reverse("privacy")).status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (PHONE, "Firefox, Android"),
        ("(iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("(Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("(Linux; Android 14) Chrome/140.0 Safari/537.36 Instagram 300", "Instagram, Android"),
        ("", ""),
        ("curl/8.0", ""),
    ],
)
def test_a_device_is_called_what_people_call_it(rf, agent, name):
    assert name_of(rf.get("/", headers={"user-agent": agent})) == name


def test_the_page_lists_them_with_their_proof(event, as_user, guest):
    sign_in_by_code(guest.email, Client(headers={"user-agent": PHONE}))
    page = as_user(guest).get(reverse("privacy")).content.decode()
    for words in ("Firefox, Android", "by a code from the mailbox", "by password", "this one"):
        assert words in page


def test_one_is_ended_and_the_others_stay(as_user, guest):
    here, elsewhere = as_user(guest), as_user(guest)
    there = SignIn.objects.get(session_id=elsewhere.cookies["sessionid"].value)
    assert end(here, there).url == reverse("privacy")
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)


def test_ending_this_one_signs_out(as_user, guest):
    here = as_user(guest)
    assert end(here, SignIn.objects.get()).url == reverse("home")
    assert not is_signed_in(here)


def test_other_peoples_sessions_are_not_found(as_user, guest, other_guest):
    theirs = as_user(other_guest)
    assert end(as_user(guest), SignIn.objects.get(user=other_guest)).status_code == 404
    assert is_signed_in(theirs)


def test_signing_out_everywhere_ends_all_of_ones_own(as_user, guest, other_guest):
    here, elsewhere, theirs = as_user(guest), as_user(guest), as_user(other_guest)
    assert here.post(reverse("end_sessions")).url == reverse("home")
    assert [is_signed_in(one) for one in (here, elsewhere, theirs)] == [False, False, True]


def test_visitors_end_nothing(client):
    for address in (reverse("end_sessions"), reverse("end_session", args=[1])):
        assert client.post(address).url.startswith(reverse("account_request_login_code"))
        assert client.get(address).status_code == 405
