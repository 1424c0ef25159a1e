"""The whole way with a bucket, in a browser: upload at the desk, worker, gallery, selfie."""

import hashlib
import os
import re

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect

from events.models import Event
from faces.models import Selfie
from findme.env import DEMO_SELFIE
from photos.models import Photo
from photos.store import emptying
from tests.browser.conftest import wait_until
from tests.builders import add_member, image_bytes, make_event, make_user
from tests.s3.conftest import (  # noqa: F401 (fixtures)
    bucket_name,
    environment,
    gate,
    keys,
    let_in,
    options,
    s3,
    server,
    use_bucket,
)
from tests.s3.gate import Refused
from tests.workers import start_worker, stop_worker

pytestmark = [pytest.mark.s3, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker(transactional_db, bucket_name, options):
    process = start_worker(MEDIA_STORE="s3", **environment(options))
    yield process
    stop_worker(process)


@pytest.fixture
def party(transactional_db, bucket_name):
    call_command("createcachetable", verbosity=0)
    return make_event(name="Party", downloads=Event.Downloads.WEB)


@pytest.fixture
def log_in(live_server, as_user):
    def log_in(page, user):
        cookie = as_user(user).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    return log_in


@pytest.fixture
def organizer(party):
    organizer = make_user("Olga", is_staff=True)
    add_member(party, organizer, "organizer")
    return organizer


@pytest.fixture
def desk(page, live_server, party, organizer, log_in):
    """The upload page, and the requests it makes."""
    log_in(page, organizer)
    page.requests = []
    page.on("request", lambda request: page.requests.append((request.method, request.url)))
    page.goto(live_server.url + reverse("admin:photos_photo_upload", args=[party.pk]))
    expect(page.locator("[data-uploader]")).to_be_visible()
    return page


def upload(desk, files, **counts):
    desk.locator("[data-uploader] input[multiple]").set_input_files(files)
    expect(desk.locator("[data-part=summary]")).to_be_visible(timeout=60_000)
    for name, count in counts.items():
        expect(desk.locator(f"[data-part=count-{name}]")).to_have_text(str(count))


def sent_to(desk, method, beginning):
    return [url for how, url in desk.requests if how == method and url.startswith(beginning)]


def to_the_site(desk):
    return [url for how, url in desk.requests if how == "POST" and url.endswith("/file/")]


def pictures(page):
    """Where the gallery's pictures come from, once each of them is shown."""
    thumbnails = page.locator(".photo-grid img")
    expect(thumbnails).to_have_count(6, timeout=60_000)
    for n in range(6):
        thumbnails.nth(n).scroll_into_view_if_needed()
        wait_until(page, "n => document.images[n].naturalWidth > 0", arg=n)
    return thumbnails.evaluate_all("all => all.map(image => image.currentSrc || image.src)")


def test_photos_go_straight_to_the_bucket_and_are_shown_from_it(
    page, live_server, party, worker, samples, desk, let_in, gate, keys, tmp_path
):
    let_in(live_server.url)
    half = tmp_path / "half.jpg"
    half.write_bytes(samples[0].read_bytes()[:9000])
    upload(desk, [*samples, half], accepted=6, refused=1)
    expect(desk.locator("[data-part=problem-list]")).to_contain_text(
        "The end of this picture is missing."
    )
    assert len(sent_to(desk, "PUT", gate.url)) == 7
    assert to_the_site(desk) == []
    assert set(Photo.objects.values_list("store", flat=True)) == {"s3"}
    for _ in range(120):
        if Photo.objects.filter(status="ready").count() == 6:
            break
        page.wait_for_timeout(500)
    page.goto(live_server.url + reverse("general", args=[party.slug]))
    assert all(source.startswith(f"{gate.url}/") for source in pictures(page))
    emptying.drain()
    assert len(keys()) == 24


@pytest.fixture
def loud_desk(browser, live_server, party, organizer, log_in):
    """A page whose console may show failed requests: they are what its tests are about."""
    context = browser.new_context()
    page = context.new_page()
    log_in(page, organizer)
    page.requests = []
    page.on("request", lambda request: page.requests.append((request.method, request.url)))
    page.goto(live_server.url + reverse("admin:photos_photo_upload", args=[party.pk]))
    yield page
    context.close()


@pytest.fixture
def large(tmp_path):
    """60 MB, a part of noise after another: eight parts of 8 MB."""
    large = tmp_path / "large.jpg"
    large.write_bytes(image_bytes() + os.urandom(60 * 10**6))
    return large


def test_a_large_file_goes_on_where_the_connection_broke(
    loud_desk, live_server, let_in, gate, large
):
    let_in(live_server.url)

    def break_off(request):
        if request.startswith("PUT") and "partNumber=4" in request:
            raise Refused("400 Bad Request", "RequestTimeout")

    gate.bad_day = break_off
    loud_desk.locator("[data-uploader] input[multiple]").set_input_files(large)
    expect(loud_desk.locator("[data-part=notice-offline]")).to_be_visible(timeout=60_000)
    gate.bad_day = lambda request: None  # it goes on by itself
    expect(loud_desk.locator("[data-part=summary]")).to_be_visible(timeout=60_000)
    numbers = [re.search(r"partNumber=(\d)", url)[1] for url in sent_to(loud_desk, "PUT", gate.url)]
    assert numbers == ["1", "2", "3", "4", "4", "5", "6", "7", "8"]
    photo = Photo.objects.get()
    assert photo.byte_size == large.stat().st_size
    assert photo.sha256 == hashlib.sha256(large.read_bytes()).hexdigest()
    assert to_the_site(loud_desk) == []


def test_a_storage_that_refuses_is_said_and_waited_for(
    loud_desk, live_server, let_in, gate, samples
):
    let_in(live_server.url)

    def expired(request):
        raise Refused("400 Bad Request", "ExpiredToken")

    gate.bad_day = expired
    loud_desk.locator("[data-uploader] input[multiple]").set_input_files(samples)
    notice = loud_desk.locator("[data-part=notice-offline]")
    expect(notice).to_contain_text("The photo storage refuses our credentials", timeout=60_000)
    expect(loud_desk.locator("[data-part=retry-now]")).to_be_visible()
    gate.bad_day = lambda request: None
    # It may just be trying by itself, and hide the button meanwhile.
    loud_desk.locator("[data-part=retry-now]").dispatch_event("click")
    expect(loud_desk.locator("[data-part=count-accepted]")).to_have_text("6", timeout=60_000)
    assert Photo.objects.count() == 6


def test_a_bucket_that_lets_no_browser_in_is_reached_through_the_site(
    loud_desk, gate, samples, caplog
):
    with caplog.at_level("WARNING"):
        upload(loud_desk, samples, accepted=6)
    assert len(to_the_site(loud_desk)) == 6
    assert set(Photo.objects.values_list("store", flat=True)) == {"s3"}
    assert "direct_upload_bypassed" in caplog.text


def test_what_the_event_has_is_not_sent_again(desk, live_server, let_in, gate, samples):
    let_in(live_server.url)
    upload(desk, samples[:2], accepted=2)
    desk.reload()
    desk.requests.clear()
    upload(desk, samples[:2], known=2)
    assert sent_to(desk, "PUT", gate.url) == []


def test_an_event_that_closes_stops_the_upload(loud_desk, live_server, party, let_in, samples):
    let_in(live_server.url)
    closing = {"closed_at": "2026-01-01T00:00Z"}

    def close(route):
        type(party).objects.update(**closing)
        route.continue_()

    loud_desk.route("**/s3/multipart", close)
    upload(loud_desk, samples, accepted=0, refused=6)
    expect(loud_desk.locator("[data-part=notice-stopped]")).to_contain_text("This event is closed")
    assert not Photo.objects.exists()


def test_a_guest_finds_the_own_photos_with_a_selfie_in_the_bucket(
    page, live_server, party, worker, samples, log_in, gate
):
    call_command("demo", verbosity=0)
    demo, guest = Event.objects.get(slug="demo"), make_user("Camille")
    add_member(demo, guest)
    log_in(page, guest)
    page.goto(live_server.url + reverse("selfie", args=[demo.slug]))
    page.locator("input[type=file]").first.set_input_files(DEMO_SELFIE)
    page.get_by_role("button", name="Yes, look for my face").click()
    page.wait_for_url("**/mine/")
    expect(page.locator(".photo-grid img")).to_have_count(2, timeout=60_000)
    assert Selfie.objects.get().store == "s3"
    page.goto(live_server.url + reverse("selfie", args=[demo.slug]))
    shown = page.locator("img[src*='/selfie']").first
    assert shown.evaluate("image => image.src").startswith(live_server.url)
