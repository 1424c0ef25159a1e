"""The whole way with a bucket, in a browser: upload at the desk, worker, gallery, selfie."""

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import expect

from events.models import Event
from faces.models import Selfie
from findme.env import DEMO_SELFIE
from photos.models import Photo
from tests.browser.conftest import wait_until
from tests.builders import add_member, make_event, make_user
from tests.s3.conftest import (  # noqa: F401 (fixtures)
    bucket_name,
    environment,
    gate,
    keys,
    options,
    s3,
    server,
    use_bucket,
)
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


def upload_at_the_desk(page, live_server, party, samples):
    address = reverse("admin:photos_photo_upload", args=[party.pk])
    page.goto(live_server.url + address)
    expect(page.locator("[data-uploader]")).to_be_visible()
    page.locator("[data-uploader] input[multiple]").set_input_files(samples)
    expect(page.locator("[data-part=summary]")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-part=count-accepted]")).to_have_text("6")


def pictures(page):
    """Where the gallery's pictures come from, once each of them is shown."""
    thumbnails = page.locator(".photo-grid img")
    expect(thumbnails).to_have_count(6, timeout=60_000)
    for n in range(6):
        thumbnails.nth(n).scroll_into_view_if_needed()
        wait_until(page, "n => document.images[n].naturalWidth > 0", arg=n)
    return thumbnails.evaluate_all("all => all.map(image => image.currentSrc || image.src)")


def test_photos_go_to_the_bucket_and_are_shown_from_it(
    page, live_server, party, worker, samples, log_in, gate, keys
):
    organizer = make_user("Olga", is_staff=True)
    add_member(party, organizer, "organizer")
    log_in(page, organizer)
    upload_at_the_desk(page.context.new_page(), live_server, party, samples)
    assert set(Photo.objects.values_list("store", flat=True)) == {"s3"}
    for _ in range(120):
        if Photo.objects.filter(status="ready").count() == 6:
            break
        page.wait_for_timeout(500)
    page.goto(live_server.url + reverse("general", args=[party.slug]))
    assert all(source.startswith(f"{gate.url}/") for source in pictures(page))
    assert len(keys()) == 18


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
