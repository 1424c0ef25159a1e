"""The desk's photos on a small screen, by keys, and by dragging."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from photos import binning, sections
from photos.models import Photo
from tests.browser.conftest import wait_until
from tests.builders import make_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TOPS = """all => all.map(one => Math.round(one.getBoundingClientRect().top))"""
OVERLAP = """() => {
  const of = (name) => document.querySelector(`.desk-photo ${name}`).getBoundingClientRect();
  const [box, badge] = [of("input"), of(".desk-badge")];
  return box.right > badge.left && box.bottom > badge.top;
}"""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def party(event, organizer):
    sections.make(event, "Ceremony", by=organizer)
    return sections.make(event, "Party", by=organizer)


@pytest.fixture
def photos(event, guest):
    waiting = make_photo(event, moderation="pending", hidden=True, uploader=guest)
    return [*(make_photo(event) for _ in range(4)), waiting]


@pytest.fixture
def desk(page, live_server, as_user, organizer, event):
    """`desk(name, *args)` opens a page of the desk, narrowed to the event."""
    cookie = as_user(organizer).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    def open_page(name="photos_photo_changelist", *args, query=""):
        path = reverse(f"admin:{name}", args=args)
        page.goto(f"{live_server.url}{path}?event__id__exact={event.pk}{query}")
        return page

    return open_page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_on_a_phone_the_first_photo_is_seen(desk, page, party, photos, organizer, language):
    organizer.language = language
    organizer.save()
    page.set_viewport_size({"width": 360, "height": 740})
    desk()
    assert (
        page.locator(".desk-photo-frame").first.evaluate("e => e.getBoundingClientRect().top") < 640
    )
    assert len(set(page.locator(".desk-nav a").evaluate_all(TOPS))) == 1
    assert len(set(page.locator(".desk-counts dd").evaluate_all(TOPS))) == 1
    assert not page.evaluate(OVERLAP)
    assert not page.evaluate(SIDEWAYS)
    desk("events_event_sections", party.event_id)
    expect(page.locator(".desk-nav [aria-current]")).to_be_in_viewport()
    assert not page.evaluate(SIDEWAYS)
    desk("events_event_inbox", party.event_id)
    assert not page.evaluate(SIDEWAYS)


def test_keys_decide_and_go_on(desk, page, party, photos, event):
    desk("photos_photo_cull", photos[0].pk, query="&order=oldest")
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Show")).to_be_visible()
    page.keyboard.press("f")
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Party")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status").filter(has_text="Party")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-part=place]")).to_have_text("3 / 5")
    assert f"/cull/{photos[1].pk}/" in page.url
    page.keyboard.press("?")
    expect(page.get_by_text("ask whether to delete it")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", name="Delete 1 photo")).to_be_visible()
    first = Photo.objects.get(pk=photos[0].pk)
    assert (first.hidden, first.highlight, first.section) == (True, True, party)


def test_a_guests_photo_is_approved_by_a_key_and_escape_leads_back(desk, page, photos):
    desk("photos_photo_cull", photos[-1].pk)
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Hide")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Go through them")).to_be_visible()
    assert Photo.objects.get(pk=photos[-1].pk).moderation == ""


def test_what_the_server_does_not_take_is_said_and_taken_back(desk, page, party, photos):
    desk("photos_photo_cull", photos[0].pk, query="&order=oldest")
    sections.remove(party, by=None)
    page.route("**/cull/**", lambda route: route.fulfill(status=200, body="not this"))
    page.keyboard.press("h")
    expect(page.get_by_role("alert").filter(has_text="nothing is changed")).to_be_visible()
    expect(page.get_by_role("button", name="Hide")).to_be_visible()
    assert not Photo.objects.get(pk=photos[0].pk).hidden


def test_a_card_is_dragged_onto_a_section(desk, page, party, photos):
    page.set_viewport_size({"width": 1440, "height": 1200})
    desk()
    card = page.locator(f"#photo-{photos[0].pk} img")
    box = card.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 80, steps=4)
    target = page.locator(f"[data-drop=section_{party.pk}]")
    expect(target).to_be_visible()
    at = target.bounding_box()
    page.mouse.move(at["x"] + 10, at["y"] + 10, steps=6)
    page.mouse.up()
    expect(page.get_by_text("1 photo is in “Party” now.")).to_be_visible()
    wait_until(page, "!document.body.classList.contains('is-dragging')")
    assert list(party.photos.all()) == [photos[0]]


def test_sections_are_dragged_into_another_order(desk, page, party, event):
    desk("events_event_sections", event.pk)
    rows = page.locator("[data-section]")
    rows.nth(1).drag_to(
        rows.nth(0), source_position={"x": 3, "y": 3}, target_position={"x": 3, "y": 3}
    )
    expect(page.locator("[data-section] input[name=name]").first).to_have_value("Party")
    assert [one.name for one in sections.of(event)] == ["Party", "Ceremony"]


def test_long_names_fit_a_phone(desk, page, event, organizer, guest):
    sections.make(
        event, "Ceremony at the church of Saint-Germain-des-Prés, 11 o’clock", by=organizer
    )
    sections.make(event, "M" * sections.NAME_LENGTH, by=organizer)
    make_photo(event, name=f"Wedding_{'Dupont_' * 12}0004.jpg")
    binning.put_in(Photo.objects.all(), by=organizer)
    make_photo(event, section=sections.of(event).last())
    type(guest).objects.filter(pk=guest.pk).update(name="Wolfeschlegelsteinhausen" * 4)
    type(event).objects.update(name="Donaudampfschifffahrt" * 5)
    page.set_viewport_size({"width": 360, "height": 740})
    for name in ("sections", "export", "history", "guests", "bin", "copy", "delete", "ready"):
        desk(f"events_event_{name}", event.pk)
        assert not page.evaluate(SIDEWAYS), name
    for name in ("photos_photo_changelist", "index", "events_bin"):
        desk(name)
        assert not page.evaluate(SIDEWAYS), name
    desk("photos_photo_upload", event.pk)
    assert not page.evaluate(SIDEWAYS)
