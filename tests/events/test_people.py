"""People, on the desk: another address is another mailbox."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from events.models import Event, Membership, SignIn, User
from tests.builders import add_member, last_code, make_photo, make_user, sign_in_by_code

pytestmark = pytest.mark.django_db
OLD, NEW = "old@example.com", "new@example.com"


@pytest.fixture
def boss(as_user):
    return as_user(make_user("Boss", is_staff=True, is_superuser=True, email="boss@example.com"))


@pytest.fixture
def paul(event):
    cache.clear()
    paul = make_user("Paul", email=OLD)
    add_member(event, paul, Membership.Role.PHOTOGRAPHER)
    return paul


def change(boss, user, **changes):
    form = {"email": user.email, "name": user.name, "is_active": "on"} | changes
    answer = boss.post(reverse("admin:events_user_change", args=[user.pk]), form)
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("events_event_changelist", ["Événements"]),
        ("photos_photo_changelist", ["Gala", "Photos"]),
        ("events_user_changelist", ["Personnes"]),
        ("events_user_add", ["Nouvelle personne"]),
        ("events_event_change", ["Gala", "Événement"]),
        ("photos_photo_change", ["DSC_1.jpg", "Photo"]),
        ("events_user_change", ["Paul", "Personne"]),
    ],
)
def test_pages_are_called_by_what_they_show(boss, event, paul, name, titles):
    Event.objects.update(name="Gala")
    shown = {"event": event, "photo": make_photo(event, name="DSC_1.jpg"), "user": paul}
    of_one = [shown[name.split("_")[1]].pk] if name.endswith("_change") else []
    page = boss.get(reverse(f"admin:{name}", args=of_one), headers={"accept-language": "fr"})
    (title,) = re.findall("<title>(.+?) [|] FindMe</title>", page.content.decode())
    assert [part.split(" · ")[0].strip() for part in title.split("|")] == titles


def test_another_address_ends_all_sessions_of_the_account(boss, event, paul):
    old = sign_in_by_code(OLD)
    change(boss, paul, email=NEW)
    assert old.get(event.get_absolute_url()).status_code == 302
    assert not SignIn.objects.of(paul).exists()
    paul.refresh_from_db()
    assert (paul.email, paul.address_proven_at is None) == (NEW, False)
    assert sign_in_by_code(NEW).get("/admin/").status_code == 200


def test_roles_wait_for_a_proof_of_the_new_address(boss, paul):
    change(boss, paul, email=NEW)
    paul = User.objects.get(pk=paul.pk)
    paul.proven_at = paul.address_proven_at
    assert not Event.objects.uploadable_by(paul).exists()


def test_codes_that_were_sent_to_the_old_mailbox_end(boss, paul):
    thief = Client()
    thief.post(reverse("account_login"), {"email": OLD})
    change(boss, paul, email=NEW)
    thief.post(reverse("account_confirm_login_code"), {"code": last_code()})
    assert not SignIn.objects.of(paul).exists()
    sent = len(mail.outbox)
    thief.post(reverse("account_login"), {"email": OLD})
    assert "account" in mail.outbox[sent].subject.lower()


def test_other_changes_end_nothing(boss, event, paul):
    own = sign_in_by_code(OLD)
    change(boss, paul, name="Paula")
    assert own.get("/admin/").status_code == 200


def test_whoever_changes_their_own_address_stays(boss):
    change(
        boss,
        User.objects.get(email="boss@example.com"),
        email=NEW,
        is_staff="on",
        is_superuser="on",
    )
    assert boss.get("/admin/").status_code == 200
