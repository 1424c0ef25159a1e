"""A photographer's first sitting: create, invite, upload, approve, publish, print, export.

They read no documents: each step is reached by what the page before it shows, by its words, on a
laptop in English and on a phone in French.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from PIL import Image
from playwright.sync_api import expect

from events.models import Event, Membership, User
from photos.models import Photo
from tests.browser.conftest import wait_until_all_is_looked_at
from tests.fakes import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long one for the desk"
SIZES = {"en": {"width": 1440, "height": 900}, "fr": {"width": 360, "height": 780}}
# Of what was done, the beginnings of lines of the log.
LOGGED = ["Created the event", "Published photos (%(count)s)", "Exported originals (%(count)s)"]
LOGGED += ["Approved guests’ photos (%(count)s)", "Invited %(person)s as %(role)s"]
LOCALES = {"en": "en-GB", "fr": "fr-FR"}


@pytest.fixture(params=["en", "fr"])
def language(request):
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def photographer(transactional_db, language):
    call_command("createcachetable", verbosity=0)
    name = "paula@example.com"
    return User.objects.create_user(
        name,
        PASSWORD,
        name="Paula",
        is_staff=True,
        language=language,
        address_proven_at=timezone.now(),
    )


@pytest.fixture
def folder(tmp_path, samples):
    """Two folders of photos, as they come from cards."""
    for number, sample in enumerate(samples[:4]):
        place = tmp_path / "photos" / ("Ceremony" if number % 2 else "Party")
        place.mkdir(parents=True, exist_ok=True)
        taken = Image.open(sample)
        taken.thumbnail((1280, 1280))
        taken.save(place / f"DSC_{number:04}.jpg", quality=85)
    return tmp_path / "photos"


@pytest.fixture
def window(browser, live_server, language):
    """`window()`: another person's browser, which speaks the language of the walk."""
    contexts = []

    def open_window(size):
        context = browser.new_context(viewport=size, locale=LOCALES[language])
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()


class Desk:
    """The desk in a browser; what is on its pages is found by its words."""

    def __init__(self, page):
        self.page = page

    def follow(self, text):
        """By the event's navigation."""
        self.page.locator(".desk-nav").get_by_role("link", name=gettext(text)).click()
        expect(self.page.locator(".desk-nav [aria-current]")).to_contain_text(gettext(text))
        width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], text

    def press(self, text, **variables):
        self.page.get_by_role("button", name=gettext(text) % variables).first.click()

    def reads(self, text):
        expect(self.page.get_by_text(text).first).to_be_visible()


def test_from_an_empty_desk_to_all_originals_at_home(
    window, live_server, photographer, language, worker, folder, mailoutbox
):
    desk = Desk(window(SIZES[language]))
    log_in(desk, live_server)
    event = create(desk)
    invite(desk, event, mailoutbox)
    upload(desk, event, folder)
    guest = join(window(SIZES["fr"]), desk, live_server, event)
    approve(desk, event)
    publish(desk, event, guest, live_server)
    print_it(desk, event)
    export(desk, event, folder)


def log_in(desk, live_server):
    desk.page.goto(f"{live_server.url}/admin/")
    desk.page.locator("#id_username").fill("paula@example.com")
    desk.page.locator("#id_password").fill(PASSWORD)
    desk.press("Log in")


def create(desk):
    page = desk.page
    page.get_by_role("link", name=gettext("New event")).first.click()
    page.get_by_label(gettext("name").capitalize(), exact=False).first.fill("Anna & Ben")
    page.locator("#id_starts_on").fill("2027-06-20")
    page.locator("[name=indexing]").first.check()
    page.locator("#id_controller_name").fill("Paula")
    page.locator("#id_controller_contact").fill("paula@example.com")
    desk.press("Save")
    page.wait_for_url(re.compile(r"/change/$"))
    event = Event.objects.get()
    page.locator("#id_publish_first").check()
    page.locator("#id_guest_uploads").check()
    desk.press("Save")
    event.refresh_from_db()
    assert event.publish_first
    assert event.guest_uploads
    return event


def invite(desk, event, mailoutbox):
    desk.follow("Guests")
    desk.page.get_by_text(gettext("Invite somebody to help")).click()
    desk.page.locator("#id_email").fill("second@example.com")
    desk.page.locator("#id_role").select_option("photographer")
    desk.press("Send the invitation")
    desk.reads(gettext("Invited. An e-mail with the way in is on its way."))
    assert [mail.to for mail in mailoutbox] == [["second@example.com"]]
    second = event.memberships.get(user__email="second@example.com")
    assert second.role == Membership.Role.PHOTOGRAPHER


def upload(desk, event, folder):
    desk.follow("Upload")
    expect(desk.page.locator("[data-uploader]")).to_be_visible()
    desk.page.locator("input[webkitdirectory]").set_input_files(folder)
    accepted = desk.page.locator("[data-part='count-accepted']")
    expect(accepted).to_have_text("4", timeout=60_000)
    wait_until_all_is_looked_at(desk.page)
    assert event.photos.ready().count() == 4


def join(page, desk, live_server, event):
    """A guest comes by the link that the event's page shows, and adds a photo."""
    desk.follow("Event")
    link = desk.page.locator("#join-link")
    expect(link).to_contain_text(event.join_code)
    page.goto(live_server.url + urlsplit(link.inner_text().strip()).path)
    page.locator("main form [name=name]").fill("Gina")
    page.locator("main form [name=email]").fill("gina@example.com")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(f"/e/{event.slug}/"))
    page.goto(f"{live_server.url}/e/{event.slug}/add/")
    page.locator("input[type=file]").set_input_files(
        {"name": "phone.jpg", "mimeType": "image/jpeg", "buffer": picture([])}
    )
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_text(gettext("Waits for approval")).first).to_be_visible()
    wait_until_all_is_looked_at(page)
    return page


def approve(desk, event):
    desk.follow("Photos")
    desk.follow("To approve")
    desk.press("Approve %(name)s", name="phone.jpg")
    desk.reads(
        ngettext("%(count)d photo of a guest is approved.", "", 1) % {"count": 1},
    )
    assert not Photo.objects.to_approve().exists()


def publish(desk, event, guest, live_server):
    general = f"{live_server.url}/e/{event.slug}/"
    guest.goto(general)
    expect(guest.locator(".tile")).to_have_count(0)
    desk.follow("Visibility")
    desk.page.get_by_text(gettext("Publish all (%(waiting)s)") % {"waiting": 5}).click()
    desk.press(ngettext("Publish %(n)s photo", "Publish %(n)s photos", 5) % {"n": 5})
    guest.goto(general)
    expect(guest.locator(".tile")).to_have_count(5)


def print_it(desk, event):
    desk.follow("Event")
    desk.page.get_by_role("link", name=gettext("Poster")).first.click()
    desk.reads(event.name)
    expect(desk.page.locator("main svg").first).to_be_visible()
    pdf = desk.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/MediaBox", pdf)) == 1
    desk.page.go_back()


def export(desk, event, folder):
    desk.follow("Export")
    desk.press("Show the links")
    with desk.page.expect_download() as coming:
        desk.page.get_by_role("link", name=gettext("Download the archive")).click()
    archive = zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes()))
    assert archive.testzip() is None
    pictures = {name: archive.read(name) for name in archive.namelist() if name.endswith(".jpg")}
    sent = [path.read_bytes() for path in folder.rglob("*.jpg")]
    assert set(sent) < set(pictures.values())
    assert len(pictures) == 5
    (table,) = (name for name in archive.namelist() if name.endswith(".csv"))
    rows = list(csv.DictReader(io.StringIO(archive.read(table).decode("utf-8-sig"))))
    assert {row["sha256"] for row in rows} == {
        hashlib.sha256(data).hexdigest() for data in pictures.values()
    }
    desk.follow("Log")
    for said in LOGGED:
        desk.reads(gettext(said).partition(" %")[0].partition(" (")[0])
