"""Two thousand things that are almost right: each is refused with words, or taken. Nothing fails.

The same ones in every run, by a seed. Whoever looks for more changes it.
"""

from __future__ import annotations

import gc
import json
import random
import re
from urllib.parse import quote, urlencode

import psutil
import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from events.models import Event
from faces.finding import enrolling
from findme.refusals import STORE, WORDS, Refusal
from photos.gallery.paging import position_of
from photos.imaging import images, renditions
from photos.intake import direct_upload
from photos.intake.ingest import ingest
from tests.builders import make_event, make_photo
from tests.s3.conftest import (  # noqa: F401 (fixtures)
    bucket_name,
    gate,
    options,
    s3,
    server,
    use_bucket,
)
from tests.trust import mutations
from tests.trust.cast import World, fill, patterns, rows

pytestmark = pytest.mark.django_db

SEED = 2026
# The interpreter and the libraries keep some: 2,000 pictures that stayed would be 300 MB.
MAY_GROW_BY_BYTES = 48 * 2**20
ORIGIN = {"HTTP_ORIGIN": "http://testserver"}


@pytest.fixture
def chance():
    return random.Random(SEED)


@pytest.fixture
def photos(event):
    Event.objects.update(guest_uploads=True)
    return [make_photo(event) for _ in range(3)]


@pytest.fixture
def asked(caplog):
    """`asked(client, method, address, ...)` is answered, and not by a failure; it is undone."""

    def ask(client, method, address, *args, **kwargs):
        client.raise_request_exception = False
        cookies = client.cookies.copy()
        cache.clear()  # the limits have tests of their own
        caplog.clear()
        with transaction.atomic():
            answer = client.generic(method, address, *args, **kwargs)
            body = b"".join(answer)
            transaction.set_rollback(True)
        client.cookies = cookies
        failed = [one for one in caplog.records if one.levelno >= 40 and one.name != "werkzeug"]
        if answer["Content-Type"] == "application/json" and answer.status_code >= 400:
            code = json.loads(body)["code"]
            assert code in WORDS
            if code in STORE:  # moto's S3 may fail over what we pass on; ours is to say so
                return
        assert answer.status_code < 500, (method, address, args)
        assert failed == []
        assert b"Traceback" not in body

    return ask


@pytest.fixture
def flat_memory():
    """For tests that leave the process as large as it was."""
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    yield
    gc.collect()
    assert process.memory_info().rss - before < MAY_GROW_BY_BYTES


def refused_or_not(do, data):
    """Whether a picture was refused, by a code that has words."""
    code = ""
    try:
        with transaction.atomic():
            do(data)
            transaction.set_rollback(True)
    except Refusal as refused:
        code = refused.code
    assert not code or code in WORDS
    return bool(code)


def test_photos(event, chance, flat_memory):
    def take_in(data):
        ingest(event=event, data=data, name="a.jpg", uploader=None)
        renditions.make(images.decode(data, min_side=None))

    found = [refused_or_not(take_in, data) for data in mutations.pictures(chance, 400)]
    assert 100 < sum(found) < 390


def test_selfies(chance, flat_memory):
    found = [refused_or_not(enrolling.check, data) for data in mutations.pictures(chance, 400)]
    assert sum(found) > 390  # nobody is in them, but for colours that came by chance


READ = {
    "general": "before after by shown",
    "general_news": "shown by",
    "times": "by before",
    "photo": "before after by",
    "my_photos": "before after shown",
    "my_news": "shown",
    "favourites": "before after",
    "questions": "after answered",
    "photo_faces": "face",
    "download": "size",
    "download_packed": "wish",
    "thumbnail": "v size",
    "together": "before after",
    "enter_code": "code next",
    "account_login": "next",
    "offline": "next",
    "admin:events_event_guests": "q role page faces",
    "admin:events_event_cover": "before after",
    "admin:events_event_clocks": "page compare",
    "admin:events_event_clock": "camera uploader photos late photo seconds page",
    "admin:events_event_threshold": "other",
    "admin:events_event_poster": "size language",
    "admin:events_event_costs": "photos guests",
    "admin:events_event_requests": "page state",
    "admin:events_event_history": "page",
    "admin:events_event_inbox": "page",
    "admin:events_event_sections": "start_0 start_1 end_0 end_1 section",
    "admin:photos_photo_changelist": "q event__id__exact uploader__id__exact faces p o order day"
    " section moderation__exact",
    "admin:photos_photo_cull": "q event__id__exact order day section p",
    "admin:events_event_changelist": "q name__contains o p",
}
SENT = {
    "join": "name email code next",
    "enter_code": "code",
    "account_login": "email next",
    "account_confirm_login_code": "code action",
    "set_language": "language next",
    "say_verdict": "verdict face person",
    "answer_question": "answer face on after person",
    "take_answer_back": "on after",
    "mark_favourites": "photo photos on",
    "download_selection": "photo photos size",
    "download_favourites": "photo photos size",
    "download_mine": "photo photos size",
    "ask_to_hide": "words next gallery",
    "together": "share person",
    "look_as": "person page",
    "children": "name person",
    "reuse_selfies": "consent words person",
    "uploads": "photos next",
    "privacy_withdraw": "event person",
    "set_notices": "event notices back person",
    "admin:events_event_guests": "email role",
    "admin:events_event_cover": "photo",
    "admin:events_event_inbox": "approve reject photo mails",
    "admin:events_event_sections": "make rename name up down remove order assign start_0 start_1"
    " end_0 end_1 section",
    "admin:photos_photo_cull": "deed",
    "admin:events_event_clocks": "undo",
    "admin:events_event_clock": "camera photos late photo moment_0 moment_1 days hours direction"
    " shift seen",
    "admin:events_event_threshold": "match_threshold",
    "admin:events_event_delete": "name",
    "admin:events_event_change": "name slug starts_on ends_on time_zone match_threshold indexing",
    "admin:events_event_add": "name slug starts_on ends_on time_zone indexing controller_name",
    "admin:photos_photo_act": "hide show approve reject undo remove retry next",
    "admin:photos_photo_changelist": "action _selected_action",
}


VISITORS = {"join", "enter_code", "account_login", "account_confirm_login_code", "set_language"}


@pytest.fixture
def browser_for(organizer, guest, as_user):
    """Of the one who gets furthest: elsewhere a visitor would end at the log-in."""
    desk, member, visitor = as_user(organizer), as_user(guest), Client()

    def find(name):
        return desk if name.startswith("admin") else visitor if name in VISITORS else member

    return find


@pytest.fixture
def values(event, guest, photos):
    return rows(World(event, make_event(), guest))


@pytest.fixture
def some_text(event, photos, chance):
    """A text that may stand in an address or a field."""
    seeds = [event.slug, event.join_code, str(photos[0].pk), position_of(photos[0]), "on", "me"]
    return lambda: mutations.texts(chance, seeds)


@pytest.mark.parametrize(("method", "names"), [("GET", READ), ("POST", SENT)], ids=["get", "post"])
def test_queries_and_forms(
    values, some_text, chance, browser_for, asked, flat_memory, method, names
):
    for name in chance.choices(list(names), k=300):
        fields = chance.choices(names[name].split(), k=3)
        query = urlencode([(field, some_text()) for field in fields], errors="surrogatepass")
        address, client = fill(name, patterns()[name], values), browser_for(name)
        if method == "GET":
            languages = some_text().replace("\n", "")
            asked(client, method, f"{address}?{query}", HTTP_ACCEPT_LANGUAGE=languages)
        else:
            asked(client, method, address, query, "application/x-www-form-urlencoded")


def test_addresses(values, some_text, chance, browser_for, asked, flat_memory):
    """Something else in the place of each variable: of digits where only they lead to a view."""
    named = [(name, route) for name, route in patterns().items() if "<" in route]
    for name, route in chance.choices(named, k=175):
        other = values.copy()
        for kind, key in re.findall(r"<(?:(\w+):)?(\w+)>", route):
            text = quote(some_text(), safe="", errors="replace") or "-"
            number = chance.choice([1, 2**31, 2**63, 10**40])
            other[f"{name} {key}"] = number if kind == "int" else text
        asked(browser_for(name), chance.choice(["GET", "POST"]), fill(name, route, other))


@pytest.mark.s3
@pytest.mark.parametrize("name", ["direct_begin", "direct_complete", "admin:photos_photo_known"])
def test_json(event, chance, bucket_name, organizer, as_user, asked, flat_memory, name):  # noqa: F811
    bodies = {
        "direct_begin": {"filename": "a.jpg", "metadata": {"size": "5", "sha256": "a" * 64}},
        "direct_complete": {"parts": [{"PartNumber": 1, "ETag": "x"}]},
        "admin:photos_photo_known": {"sha256": ["a" * 64]},
    }
    client = as_user(organizer)
    about = {"name": "a.jpg", "byte_size": 5, "sha256": "a" * 64}
    upload = direct_upload.begin(event=event, uploader=organizer, **about)
    values = {"slug": event.slug, "event_id": event.pk, "upload_id": upload.upload_id}
    address = f"{fill(name, patterns()[name], values)}?key={upload.folder}"
    for body in mutations.json_bodies(chance, 75, bodies[name]):
        asked(client, "POST", address, body, "application/json", **ORIGIN)


@pytest.mark.parametrize("name", ["uploads", "selfie", "check_selfie", "admin:photos_photo_upload"])
def test_broken_forms(event, photos, chance, browser_for, asked, flat_memory, name):
    address = fill(name, patterns()[name], {"slug": event.slug, "event_id": event.pk})
    fields = {"consent": "on", "csrfmiddlewaretoken": "x" * 32}
    for data in mutations.pictures(chance, 50):
        body = mutations.multipart(chance, fields, chance.choice(["photos", "image"]), data)
        boundary = chance.choice(["b", "b", "b", "", "c", '"b', "b" * 300])
        kind = f"multipart/form-data; boundary={boundary}"
        asked(browser_for(name), "POST", address, body, kind)
