"""The organizer's upload page with real files, in a real browser."""

import io
import itertools
import zipfile
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from events.models import Membership
from faces.models import PhotoScan
from photos.models import Photo, UploadBatch
from tests.builders import add_member, image_bytes, make_event, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"
BAD = {
    "empty.jpg": b"",
    "page.jpg": b"<html></html>",
    "raw.cr2": b"II*\0" + bytes(500),
    "film.mov": b"\0\0\0\x14ftypqt  " + bytes(500),
    "half.jpg": None,  # the first half of a photo
}


@pytest.fixture
def event(transactional_db):
    call_command("createcachetable", verbosity=0)
    return make_event()


@pytest.fixture
def organizer(event):
    user = make_user("Olga", password=PASSWORD, is_staff=True)
    add_member(event, user, Membership.Role.ORGANIZER)
    return user


@pytest.fixture
def desk(page, live_server, event, organizer, as_user):
    """The upload page, its organizer signed in."""
    client = as_user(organizer)
    name, value = "sessionid", client.cookies["sessionid"].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.goto(live_server.url + reverse("admin:photos_photo_upload", args=[event.pk]))
    return page


@pytest.fixture
def folder(tmp_path, samples):
    """25 photos of people, in two folders, and five files that are none."""
    (tmp_path / "photos" / "card 2").mkdir(parents=True)
    for number, sample in zip(range(25), itertools.cycle(samples), strict=False):
        place = tmp_path / "photos" / ("card 2" if number % 2 else ".")
        picture = Image.open(sample)
        cut = picture.crop((number, 0, picture.width, picture.height))
        cut.thumbnail((1280, 1280))  # large enough for every face, and looked at sooner
        cut.save(place / f"{number:02}.jpg", quality=85)
    whole = (tmp_path / "photos" / "00.jpg").read_bytes()
    for name, data in BAD.items():
        (tmp_path / "photos" / name).write_bytes(whole[: len(whole) // 2] if data is None else data)
    return tmp_path / "photos"


@pytest.fixture
def sent(page):
    """The names of the files whose bytes the page sends."""
    names = []

    def note(request):
        if request.url.endswith("/file/"):
            names.append(unquote(request.headers["x-file-name"]))

    page.on("request", note)
    return names


def choose_folder(page, folder):
    expect(page.locator("[data-uploader]")).to_be_visible()
    page.locator("input[webkitdirectory]").set_input_files(folder)


def part(page, name):
    return page.locator(f"[data-part='{name}']")


def expect_summary(page, accepted, known=0, refused=0):
    expect(part(page, "summary")).to_be_visible(timeout=90_000)
    for name, count in [("accepted", accepted), ("known", known), ("refused", refused)]:
        expect(part(page, f"count-{name}")).to_have_text(str(count))


def jpegs(folder, count):
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04}.jpg").write_bytes(image_bytes(comment=str(number).encode()))
    return folder


def test_thirty_files_go_in_are_looked_at_and_put_in_order(desk, live_server, worker, folder, sent):
    choose_folder(desk, folder)
    expect_summary(desk, accepted=25, refused=5)
    problems = part(desk, "problem-list")
    for name in BAD:
        expect(problems).to_contain_text(name)
    expect(problems).to_contain_text("The end of this picture is missing.")
    # Without reloading: the figures follow the worker.
    expect(part(desk, "event-scanned")).to_have_text("25", timeout=180_000)
    expect(part(desk, "event-pace")).to_have_text("All photos are looked at.")
    hide_one_and_retry_one(desk)
    send_the_same_folder_again(desk, folder, sent)


def hide_one_and_retry_one(desk):
    failed = Photo.objects.get(name="07.jpg")
    PhotoScan.objects.filter(photo=failed).update(state="failed", failure_code="internal_error")
    desk.get_by_role("link", name="See the event’s photos").click()
    card = desk.locator("tr.desk-photo", has_text="08.jpg")
    card.get_by_role("button", name="Hide").click()
    expect(desk.get_by_text("1 photo is hidden from guests.")).to_be_visible()
    assert list(Photo.objects.filter(hidden=True).values_list("name", flat=True)) == ["08.jpg"]
    desk.get_by_role("button", name="Undo").click()
    expect(desk.get_by_text("Undone.")).to_be_visible()
    assert not Photo.objects.filter(hidden=True).exists()
    desk.get_by_role("link", name="Failed", exact=True).click()
    desk.get_by_role("button", name="Try again").click()
    expect(part(desk, "event-scanned")).to_have_text("25", timeout=60_000)
    assert PhotoScan.objects.get(photo=failed).state == "done"


def send_the_same_folder_again(desk, folder, sent):
    sent.clear()
    desk.get_by_role("link", name="Upload photos").click()
    choose_folder(desk, folder)
    expect_summary(desk, accepted=0, known=25, refused=5)
    # It looks like a photo, and was not stored: only the server can tell.
    assert sent == ["photos/half.jpg"]


def test_an_archive_is_unpacked_here_and_only_what_is_missing_is_sent(desk, tmp_path, sent):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.jpg", image_bytes())
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"a/b/{number}.jpg", image_bytes(comment=b"%d" % number))
        archive.writestr("../../outside.jpg", image_bytes(comment=b"outside"))
        archive.writestr("more.zip", inner.getvalue())
        archive.writestr("bomb.jpg", bytes(20_000_000))
        archive.writestr("__MACOSX/._0.jpg", b"resource fork")
    for accepted, known in [(5, 0), (0, 5)]:
        desk.reload()
        desk.locator("input[accept*='.zip']").first.set_input_files(tmp_path / "all.zip")
        expect_summary(desk, accepted=accepted, known=known, refused=2)
    assert len(sent) == 5
    assert Photo.objects.filter(name="outside.jpg").exists()
    expect(part(desk, "problem-list")).to_contain_text("This is an archive inside an archive.")
    expect(part(desk, "problem-list")).to_contain_text("This file is packed a hundred times")


def test_a_damaged_archive_is_said(desk, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\3\4 not really")
    desk.locator("input[accept*='.zip']").first.set_input_files(tmp_path / "x.zip")
    expect_summary(desk, accepted=0, refused=1)
    expect(part(desk, "problem-list")).to_contain_text("This ZIP archive is damaged.")


def hold_back(page, after):
    """Let this many files through; the next ones wait until released."""
    passed, held, released = itertools.count(1), [], []

    def handle(route):
        if released or next(passed) <= after:
            route.continue_()
        else:
            held.append(route)

    def release():
        released.append(True)
        for route in held:
            route.continue_()

    page.route("**/file/", handle)
    return release


@pytest.fixture
def loud_page(browser, live_server, event, organizer):
    """A page whose console may show failed requests: they are what its tests are about."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(live_server.url + reverse("admin:photos_photo_upload", args=[event.pk]))
    sign_in(page, organizer)
    # Chromium can lose a route that is set while it changes pages.
    expect(page.locator("[data-uploader]")).to_be_visible()
    yield page
    context.close()


def sign_in(page, user):
    page.locator("[name=username]").fill(user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form [type=submit]").first.click()


def test_a_session_that_ends_is_resumed_after_signing_in_again(loud_page, organizer, tmp_path):
    release = hold_back(loud_page, after=5)
    choose_folder(loud_page, jpegs(tmp_path / "many", 30))
    expect(part(loud_page, "count-accepted")).to_have_text("5")
    Session.objects.all().delete()
    release()
    expect(part(loud_page, "notice-signedOut")).to_be_visible()
    with loud_page.context.expect_page() as opened:
        part(loud_page, "notice-signedOut").get_by_role("link", name="Sign in").click()
    sign_in(opened.value, organizer)
    expect(opened.value.get_by_text("You are signed in again.")).to_be_visible()
    expect_summary(loud_page, accepted=30)
    assert Photo.objects.count() == 30


def test_a_lost_connection_is_waited_for(loud_page, tmp_path):
    release = hold_back(loud_page, after=5)
    choose_folder(loud_page, jpegs(tmp_path / "many", 20))
    expect(part(loud_page, "count-accepted")).to_have_text("5")
    loud_page.context.set_offline(True)
    release()
    expect(part(loud_page, "notice-offline")).to_be_visible()
    loud_page.context.set_offline(False)
    expect_summary(loud_page, accepted=20)


def test_an_event_closed_meanwhile_stops_the_upload_and_accounts_for_every_file(
    desk, event, tmp_path
):
    release = hold_back(desk, after=5)
    choose_folder(desk, jpegs(tmp_path / "many", 20))
    expect(part(desk, "count-accepted")).to_have_text("5")
    type(event).objects.update(closed_at="2026-01-01T00:00Z")
    release()
    expect(part(desk, "notice-stopped")).to_contain_text("This event is closed")
    expect_summary(desk, accepted=5, refused=15)
    assert Photo.objects.count() == 5


def test_a_pause_sends_nothing_more_until_one_goes_on(desk, tmp_path, sent):
    release = hold_back(desk, after=3)
    choose_folder(desk, jpegs(tmp_path / "many", 20))
    expect(part(desk, "count-accepted")).to_have_text("3")
    part(desk, "pause").click()
    expect(part(desk, "notice-paused")).to_be_visible()
    release()
    expect(part(desk, "count-accepted")).to_have_text("6")  # those that were under way
    desk.wait_for_timeout(500)
    assert len(sent) == 6
    part(desk, "resume").click()
    expect_summary(desk, accepted=20)


def test_three_thousand_files_do_not_make_the_page_grow(desk, tmp_path, sent):
    """All of them known, so that only the page works."""
    desk.route(
        "**/known/",
        lambda route: route.fulfill(
            json={"known": route.request.post_data_json["sha256"], "open": True}
        ),
    )
    count = "() => document.querySelectorAll('*').length"
    before = desk.evaluate(count)
    choose_folder(desk, jpegs(tmp_path / "many", 3000))
    expect_summary(desk, accepted=0, known="3,000")
    assert sent == []
    assert desk.evaluate(count) - before < 20


def test_photos_and_folders_may_be_dropped(desk):
    data = desk.evaluate_handle(
        """async () => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 200;
            canvas.getContext("2d").fillRect(50, 50, 99, 99);
            const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg"));
            const transfer = new DataTransfer();
            transfer.items.add(new File([blob], "dropped.jpg", { type: "image/jpeg" }));
            return transfer;
        }"""
    )
    desk.locator("[data-part=drop]").dispatch_event("drop", {"dataTransfer": data})
    expect_summary(desk, accepted=1)
    assert Photo.objects.get().name == "dropped.jpg"


def test_where_the_script_does_not_arrive_the_plain_form_takes_the_files(
    loud_page, samples, tmp_path
):
    half = tmp_path / "half.jpg"
    half.write_bytes(samples[0].read_bytes()[:9000])
    loud_page.route("**/bundles/desk-upload-*.js", lambda route: route.abort())
    loud_page.reload()
    loud_page.locator("#photos").set_input_files([samples[0], half])
    loud_page.get_by_role("button", name="Upload", exact=True).click()
    expect(loud_page.get_by_role("heading", name="1 photo accepted")).to_be_visible()
    expect(loud_page.get_by_text("The end of this picture is missing.")).to_be_visible()


def test_a_tab_closed_too_early_is_told_of_until_its_files_came_with_others(desk, event, tmp_path):
    photos = jpegs(tmp_path / "six", 6)
    (photos / "raw.cr2").write_bytes(BAD["raw.cr2"])
    arrived = []

    def let_two_through(route):
        arrived.append(route.request)
        if len(arrived) <= 2:  # the others never leave
            route.continue_()

    desk.route("**/file/", let_two_through)
    choose_folder(desk, photos)
    expect(desk.locator(".desk-progress")).to_contain_text("Files still to be sent: 4 of 7.")
    again = desk.context.new_page()
    again.goto(desk.url)
    desk.close()
    UploadBatch.objects.update(heard_at=timezone.now() - timedelta(minutes=3))
    again.reload()
    expect(again.locator(".desk-progress")).to_contain_text("Drop the folder again")
    jpegs(tmp_path / "six" / "more", 7)
    choose_folder(again, tmp_path / "six" / "more")
    expect(part(again, "summary")).to_be_visible(timeout=30_000)
    expect(again.locator(".desk-progress")).not_to_contain_text("still to be sent")
    assert Photo.objects.count() == 7
    assert not UploadBatch.objects.exists()
