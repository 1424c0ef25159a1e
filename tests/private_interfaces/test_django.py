"""What Django and its apps did not promise FindMe; docs/private-interfaces.md says why.

Each test fails when a library changes what it names.
"""

from __future__ import annotations

import inspect
import io
import multiprocessing
import re
import time
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from auditlog.models import LogEntry
from csp.decorators import csp, csp_exempt, csp_replace, csp_update
from csp.middleware import CSPMiddleware
from django.contrib.admin import site
from django.contrib.sessions.backends import db as sessions
from django.contrib.staticfiles import finders
from django.core import mail
from django.db import connection
from django.db.models import Count
from django.db.models.signals import pre_save
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_q import cluster, pusher, timeout, worker
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

from events.models import User
from photos.models import Photo
from tests.private_interfaces.sources import theme_templates


def parameters(function) -> set[str]:
    return set(inspect.signature(function).parameters)


# --- django-csp ---


def test_a_policy_of_its_own_is_noted_by_such_names():
    request = RequestFactory().get("/")
    CSPMiddleware(HttpResponse).process_request(request)
    assert str(request.csp_nonce) == request._csp_nonce
    for decorator in (csp(config={}), csp_exempt(), csp_replace({}), csp_update({})):
        answer = decorator(lambda _: HttpResponse())(request)
        assert any(name.startswith("_csp_") for name in vars(answer))
    assert not any(name.startswith("_csp_") for name in vars(HttpResponse()))


# --- django-allauth ---


@pytest.mark.django_db
def test_a_session_keeps_what_it_was_signed_in_with(as_user, guest):
    request = RequestFactory().get("/")
    request.session, request.user = as_user(guest).session, guest
    record_authentication(request, guest, "password")
    (record,) = get_authentication_records(request, guest)
    assert record["method"] == "password"
    assert abs(record["at"] - time.time()) < 60
    assert get_authentication_records(request, User(pk=0)) == []
    script = Path(finders.find("mfa/js/webauthn-json.js")).read_text()
    assert {"webauthnJSON", "create", "get"} <= set(re.findall(r"\w+", script))


def test_a_log_in_code_is_sent_as_allauth_sends_it(client, event, stranger):
    assert parameters(LoginCodeVerificationProcess.initiate) >= {"request", "user", "email"}
    client.post(event.get_join_url(), {"name": "Whoever", "email": stranger.email})
    (message,) = mail.outbox
    assert message.to == [stranger.email]
    assert client.get(reverse("account_confirm_login_code")).status_code == 200


# --- Django ---


def compiled(queryset):
    compiler = queryset.query.get_compiler("default")
    return compiler, *compiler.as_sql()


@pytest.mark.django_db
def test_a_query_is_compiled_by_parts():
    compiler, sql, values = compiled(User.objects.filter(pk=7)[:1])
    assert sql.startswith("SELECT")
    assert 7 in values
    targets = [column for column, _, _ in compiler.select]
    fields = [field.attname for field in User._meta.concrete_fields]
    assert [column.target.attname for column in targets] == fields
    assert list(compiler.apply_converters([[1]], compiler.get_converters(targets))) == [[1]]


@pytest.mark.django_db
def test_a_compiled_query_tells_plain_rows_from_others():
    plain, *_ = compiled(User.objects.all())
    assert not plain.annotation_col_map
    assert not plain.klass_info.get("related_klass_infos")
    counted, *_ = compiled(User.objects.annotate(n=Count("memberships")))
    assert counted.annotation_col_map
    joined, *_ = compiled(Photo.objects.select_related("event"))
    assert joined.klass_info["related_klass_infos"]


@pytest.mark.django_db
def test_a_cursor_hands_on_to_that_of_psycopg2():
    out = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY (SELECT 7) TO STDOUT", out, 2**20)
    assert out.getvalue() == "7\n"


@pytest.mark.django_db
def test_a_session_is_read_by_one_method(monkeypatch):
    store = sessions.SessionStore("a" * 32)
    asked = []
    monkeypatch.setattr(store, "_get_session_from_db", lambda: asked.append(store.session_key))
    assert store.load() == {}
    assert asked == ["a" * 32]
    store._session_key = None
    assert store.session_key is None


def test_an_origin_is_verified_as_for_forms(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://photos.example.com"]
    middleware = CsrfViewMiddleware(lambda request: None)

    def is_good(origin):
        return middleware._origin_verified(RequestFactory().post("/", HTTP_ORIGIN=origin))

    assert is_good("http://testserver")
    assert is_good("https://photos.example.com")
    assert not is_good("https://elsewhere.example.com")


@pytest.mark.django_db
def test_the_admins_list_has_what_the_grid_shows(organizer):
    organizer.is_superuser = True
    request = RequestFactory().get("/", {"hidden__exact": "1"})
    request.user = organizer
    changelist = site.get_model_admin(Photo).get_changelist_instance(request)
    assert changelist.query == ""
    assert set(changelist.params) == {"hidden__exact"}
    assert (list(changelist.result_list), changelist.result_count) == ([], 0)
    assert changelist.has_active_filters
    head = (theme_templates() / "unfold" / "helpers" / "welcomemsg.html").read_text()
    assert "cl.full_result_count != cl.result_count" in head


def test_the_admins_script_finds_the_grid():
    script = Path(finders.find("admin/js/actions.js")).read_text()
    for part in ('".result-list"', '".action-toggle"', '"tr input.action-select"'):
        assert part in script


# --- django-q2 ---


@pytest.mark.django_db
def test_the_queue_is_a_table_of_jobs_with_locks():
    assert {"CLUSTER_NAME", "POLL", "RETRY", "TIMEOUT"} <= set(vars(Conf))
    broker = ORM()
    assert broker.list_key == Conf.CLUSTER_NAME
    broker.enqueue("work")
    job = OrmQ.objects.get()
    assert (job.key, job.payload) == (Conf.CLUSTER_NAME, "work")
    assert job.lock <= timezone.now()  # nobody holds it
    assert broker.get_connection().filter(pk=job.pk).exists()
    assert OrmQ._meta.db_table == "django_q_ormq"
    assert broker.dequeue() == [(job.pk, "work")]
    job.refresh_from_db()
    assert job.lock > timezone.now()


class Recorded:
    """In place of a process or a broker: what it was given."""

    pid = 1
    list_key = "findme"

    def __init__(self, **given) -> None:
        self.given = given

    def start(self) -> None: ...

    def is_alive(self) -> bool:
        return True

    def set_stat(self, *given) -> None:
        Recorded.stats.append(given)

    stats: ClassVar[list[tuple[object, ...]]] = []


@pytest.fixture
def sentinel(monkeypatch) -> cluster.Sentinel:
    """A guard that is told to stop at once."""
    stop, start = multiprocessing.Event(), multiprocessing.Event()
    monkeypatch.setattr(Recorded, "stats", [])
    made = cluster.Sentinel(stop, start, uuid.uuid4(), Recorded(), start=False)
    made.monitor = made.pusher = Recorded()
    monkeypatch.setattr(made, "stop", lambda: None)
    stop.set()
    return made


def test_the_guard_beats_by_its_broker(sentinel):
    sentinel.guard()
    assert len(Recorded.stats) == 2  # of a guard's beginning, and of each round
    assert "ack_id" in inspect.getsource(pusher.pusher)
    assert "pre_execute.send" in inspect.getsource(worker.worker)


def test_a_workers_process_has_its_time(sentinel, monkeypatch):
    context = SimpleNamespace(Process=Recorded)
    monkeypatch.setattr(cluster, "get_mp_context", lambda: context)
    sentinel.spawn_worker()
    (process,) = sentinel.pool
    assert process.timer.value == -1
    assert process.given["args"][2:] == (process.timer, Conf.TIMEOUT)
    source = inspect.getsource(worker.worker)
    assert "timer.value += 3" in source
    assert "signal.alarm" in inspect.getsource(timeout.TimeoutHandler)


def test_the_cluster_forks():
    assert cluster.get_mp_context() is multiprocessing.get_context("fork")


# --- django-auditlog ---


def test_an_entry_of_the_log_is_named_before_it_is_saved(event, organizer):
    def name(sender, instance, **kwargs):
        instance.actor = organizer

    pre_save.connect(name, sender=LogEntry)
    try:
        entry = LogEntry.objects.log_create(
            event,
            force_log=True,
            action=LogEntry.Action.UPDATE,
            additional_data={"did": "event_closed"},
        )
    finally:
        pre_save.disconnect(name, sender=LogEntry)
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_email) == (organizer, None)
    assert (entry.object_id, entry.changes_dict) == (event.pk, {})
    assert entry.additional_data == {"did": "event_closed"}
