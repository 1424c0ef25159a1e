"""Who deletes the account leaves nothing: every table, file and cache is searched."""

from __future__ import annotations

import os
import time

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_q.models import Task

from events import audit
from events.entrance import sessions
from events.models import Event
from faces.privacy import personal_data, withdrawal
from findme import leftovers
from findme.backends import mail_files
from photos.intake import guest_upload
from tests import builders
from tests.trust import traces
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db

# Models without a relation to a person. What of one is in them is searched for all the same; a
# new one stands here once somebody has thought of that.
WITHOUT_PEOPLE = {
    "auth.group auth.group_permissions auth.permission contenttypes.contenttype",
    "sessions.session django_q.ormq django_q.task django_q.success django_q.failure",
    "django_q.schedule pgactivity.pgactivity pglock.pglock pglock.blockedpglock",
    "events.event photos.archiveturn photos.cover photos.gallerychange photos.originalpiece",
    "photos.storedobjectremoval photos.uploadnote photos.camera photos.section",
    "faces.calllimit faces.eventindex faces.face faces.photoscan faces.receipt",
    "faces.lease faces.rematch faces.remotecalls faces.remoteremoval faces.selfierefusal",
}
DELETE = "/privacy/delete/"
OF_THE_ACCOUNT = {"events.user", "events.user_groups", "events.user_user_permissions"}


@pytest.fixture
def mail_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "findme.backends.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


@pytest.fixture
def gina(event):
    return traces.make_guest(event)


@pytest.fixture
def signed_in(mail_folder, gina, event, organizer):
    """The browser of a guest who has left every trace there is."""
    return traces.live(gina, event, organizer)


def labels(paths):
    return {model._meta.label_lower for model, _ in paths}


def test_every_model_has_a_row_of_the_guest_or_a_reason_to_have_none(signed_in, gina):
    """A new model fails here until `traces.live` fills it, or `WITHOUT_PEOPLE` names it."""
    paths = personal_data.owned() + personal_data.naming()
    filled = {path[0]._meta.label_lower for path in paths if personal_data.rows_of(gina, path)}
    assert labels(paths) == filled
    known = filled | OF_THE_ACCOUNT | set(" ".join(WITHOUT_PEOPLE).split())
    assert known == {
        model._meta.label_lower for model in apps.get_models(include_auto_created=True)
    }


def test_who_deletes_the_account_leaves_nothing(
    signed_in, mail_folder, django_capture_on_commit_callbacks
):
    wanted = traces.needles()
    before = traces.found(wanted)
    assert {what for _, what in before} == set(wanted), "the search would miss it"
    assert {"encoded", "auditlog_logentry", "events_user"} <= {place for place, _ in before}
    with django_capture_on_commit_callbacks(execute=True):
        assert "deleted" in signed_in.post(reverse("delete_account")).content.decode()
    run_jobs()
    assert traces.found(wanted) == set()
    (receipt,) = mail_folder.iterdir()  # the last mail, and the only one that is left
    assert f"To: {traces.ADDRESS}" in receipt.read_text()


def test_whoever_removes_the_row_of_an_account_removes_its_traces(
    mail_folder, gina, event, organizer, django_capture_on_commit_callbacks
):
    """As a superuser does on the desk."""
    wanted = traces.needles()
    traces.be_managed(gina, event, organizer)
    traces.sign_in(gina)
    assert {"encoded", "django_admin_log"} <= {place for place, _ in traces.found(wanted)}
    with django_capture_on_commit_callbacks(execute=True):
        gina.delete()
    assert traces.found(wanted) == set()
    assert list(mail_folder.iterdir()) == []


def test_what_names_a_longer_address_stays(mail_folder, gina):
    anna = builders.make_user(email=f"anna.{traces.ADDRESS}")
    Client().post(reverse("account_request_login_code"), {"email": anna.email})
    traces.fail_a_job(anna)
    leftovers.forget(gina.email)
    assert (len(list(mail_folder.iterdir())), Task.objects.count()) == (1, 1)
    leftovers.forget(anna.email)
    assert (len(list(mail_folder.iterdir())), Task.objects.count()) == (0, 0)


def test_mail_in_files_is_for_its_owner_alone_and_goes_after_a_month(mail_folder, gina):
    traces.sign_in(gina)
    (mail,) = mail_folder.iterdir()
    assert [oct(path.stat().st_mode)[-3:] for path in (mail_folder, mail)] == ["700", "600"]
    leftovers.sweep()
    assert mail.exists()
    long_ago = time.time() - mail_files.KEPT_SECONDS - 1
    os.utime(mail, (long_ago, long_ago))
    leftovers.sweep()
    assert not mail.exists()


def test_what_limits_count_by_goes_when_it_expires(gina):
    """A hash of an address among it: whoever erases an account must not begin anew at once."""
    traces.sign_in(gina)
    with connection.cursor() as cursor:
        leftovers.sweep()
        cursor.execute("UPDATE findme_cache SET expires = now() - interval '1 day'")
        assert cursor.rowcount > 0
        leftovers.sweep()
        cursor.execute("SELECT FROM findme_cache")
        assert cursor.rowcount == 0


def test_sessions_that_expired_are_removed_and_no_others(gina):
    browser, there = traces.sign_in(gina), Session.objects.count()
    sessions.sweep()
    assert Session.objects.count() == there - 1
    assert browser.get(reverse("privacy")).status_code == 200


@pytest.fixture
def upload(gina, event):
    data = traces.signed_picture()
    return guest_upload.add(event=event, user=gina, data=data, name="Zephyrine.jpg").photo


def test_photos_that_stay_bear_no_name_but_what_the_camera_wrote(
    upload, gina, as_user, django_capture_on_commit_callbacks
):
    wanted = traces.needles()
    assert "You added 1 photo as a guest" in as_user(gina).get(DELETE).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        as_user(gina).post(DELETE, {"photos": "keep"})
    run_jobs()
    upload.refresh_from_db()
    assert (upload.name, upload.uploader) == (f"photo-{upload.pk}.jpg", None)
    assert traces.found(wanted) == {
        ("photos_originalpiece", "name in bytes"),
        ("photos_photo", "photo 0"),  # its own hash, which keeps it from being added twice
    }


def test_what_a_photographer_made_for_the_event_stays(upload, gina, event):
    event.memberships.filter(user=gina).update(role="photographer")
    withdrawal.delete_account(gina)
    upload.refresh_from_db()
    assert upload.name == f"photo-{upload.pk}.jpg"


def test_an_event_that_is_gone_leaves_ids_and_times_in_the_log(event, organizer):
    """The test's own other rows of the event name nothing: only the log could."""
    event.name, event.welcome = "The wedding of Zephyrine", "Dear Aurelio"
    event.save()
    LogEntry.objects.log_actions(organizer.pk, [event], CHANGE, "", single_object=True)
    wanted = {"name": "Zephyrine", "welcome": "Aurelio", "slug": event.slug}
    wanted |= {"join code": event.join_code, "slideshow's code": event.live_code}
    gone = Event(pk=event.pk)
    assert {what for _, what in traces.found(wanted)} == set(wanted)
    event.delete()
    assert traces.found(wanted) == set()
    assert list(audit.entries(gone)[1].changes)[:2] == ["name", "welcome"]
