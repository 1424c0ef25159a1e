"""Every page of a guest, in both languages, five sizes and large text: nothing is out of its place.

No pixels are compared: a page says of itself what is wrong (tests/browser/geometry.js). What axe
says of colours and names is in test_accessibility.py, but for what only opens on a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from faces.guest import together
from photos.models import Favourite
from tests.browser.conftest import wait_until
from tests.browser.gallery import fill
from tests.browser.looks import LARGE, PLAIN, SCHEMES, SHIFTS, SIZES, Glass, Look, looks
from tests.builders import (
    add_member,
    consent,
    make_enrollment,
    make_match,
    make_question,
    make_selfie,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOCALES = {"en": "en-GB", "fr": "fr-FR"}
SEND = "main form button[type=submit]"
SETTLED = """!document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
    && [...document.images].every((image) => image.complete || image.loading === "lazy")"""
TAKE = ":is([data-shutter], [data-open-camera], [data-library])"


def open_viewer(page: Any) -> None:
    page.locator(".tile > a").first.click()
    wait_until(page, "window.viewer?.opener.isOpen")


def close_viewer(page: Any) -> None:
    page.keyboard.press("Escape")
    wait_until(page, "!document.querySelector('.pswp')")


def begin_selecting(page: Any) -> None:
    page.locator("[data-action=select]").click()
    page.locator(".tile > a").nth(1).click()


@dataclass(frozen=True)
class Stop:
    """A page on the way, and what is opened on it."""

    name: str
    address: str
    who: Any = None
    gallery: bool = False
    main: str | None = None
    opened: tuple[tuple[str, Callable[[Any], None], Callable[[Any], None]], ...] = ()


@pytest.fixture
def cast(event, guest, other_guest):
    """Of three guests one has photos and nothing to answer, one a question, one no selfie yet."""
    asked = make_user("Astrid")
    add_member(event, asked)
    photos = fill(event, 30)
    for user in (guest, asked):
        partner = consent(user, event)
        make_enrollment(make_selfie(user), event)
        for photo in photos[:12]:
            make_match(user, photo)
        together.set_sharing(user=user, event=event, shares=True)
    Favourite.objects.bulk_create(Favourite(user=guest, photo=photo) for photo in photos[:9])
    make_question(asked, event)
    return {"guest": guest, "asked": asked, "new": other_guest, "partner": partner.pk}


@pytest.fixture
def way(event, cast):
    """From the link on, as a guest may go."""
    type(event).objects.filter(pk=event.pk).update(guest_uploads=True)
    photo = event.photos.first().pk
    guest, asked = cast["guest"], cast["asked"]

    def at(name: str, *more: Any) -> str:
        return reverse(name, args=[event.slug, *more])

    opened = (
        ("viewer", open_viewer, close_viewer),
        ("selecting", begin_selecting, lambda page: None),
    )
    return [
        Stop("join", at("join", event.join_code), main=SEND),
        Stop("login", reverse("account_request_login_code"), main=SEND),
        Stop("slideshow", at("live", event.live_code)),
        Stop("selfie", at("selfie"), cast["new"], main=TAKE),
        Stop("home", reverse("home"), guest),
        Stop("general", at("general"), guest, gallery=True, opened=opened),
        Stop("mine", at("my_photos"), guest, gallery=True),
        Stop("why not", at("why_not"), guest),
        Stop("favourites", at("favourites"), guest, gallery=True),
        Stop("together", at("together"), guest),
        Stop("together with", at("together_with", cast["partner"]), guest, gallery=True),
        Stop("photo", at("photo", photo), guest),
        Stop("times", at("times"), guest),
        Stop("children", at("children"), guest),
        Stop("uploads", at("uploads"), guest),
        Stop("privacy", reverse("privacy"), guest),
        Stop("mine with a question", at("my_photos"), asked),
        Stop("questions", at("questions"), asked),
    ]


@pytest.fixture
def walker(browser, live_server, as_user):
    """`walker(language)` goes to a stop as who it is for, and finds what is wrong there."""
    contexts = []

    def start(language: str) -> Callable[[Stop], Iterator[str]]:
        # Colours that change slowly would be judged half-way.
        context = browser.new_context(locale=LOCALES[language], reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(SHIFTS)
        page.add_init_script(
            "document.addEventListener('viewer:ui', (event) => { window.viewer = event.detail; });"
        )
        glass = Glass(page)
        return lambda stop: walk(glass, stop, language)

    def walk(glass: Glass, stop: Stop, language: str) -> Iterator[str]:
        go(glass, stop)
        yield from (f"{stop.name}, {language}: {what}" for what in shifts(glass.page))
        yield from seen(glass, stop, stop.name, language)
        for name, open_it, close_it in stop.opened:
            glass.wear(Look(SIZES[0], "light", PLAIN))
            open_it(glass.page)
            yield from seen(glass, Stop(name, stop.address), f"{stop.name}, {name}", language)
            if language == "en":
                yield from judged(glass, f"{stop.name}, {name}")
            close_it(glass.page)

    def go(glass: Glass, stop: Stop) -> None:
        glass.wear(Look(SIZES[0], "light", PLAIN))
        glass.page.context.clear_cookies()
        if stop.who:
            session = as_user(stop.who).cookies["sessionid"].value
            cookie = {"name": "sessionid", "value": session, "url": live_server.url}
            glass.page.context.add_cookies([cookie])
        answer = glass.page.goto(live_server.url + stop.address)
        assert answer.status == 200, stop

    yield start
    for context in contexts:
        context.close()


def shifts(page: Any) -> list[str]:
    """What moved until all had come that comes by itself."""
    wait_until(page, SETTLED)
    page.wait_for_timeout(100)
    return list(page.evaluate("window.shifts"))


def seen(glass: Glass, stop: Stop, name: str, language: str) -> Iterator[str]:
    for look in looks(SCHEMES[language == "fr"]):
        for what in glass.misplaced(look, gallery=stop.gallery, main=stop.main):
            yield f"{name}, {language}, {look}: {what}"


def judged(glass: Glass, name: str) -> Iterator[str]:
    for scheme in SCHEMES:
        look = Look(SIZES[0], scheme, PLAIN)
        glass.wear(look)
        yield from (f"{name}, en, {look}: {what}" for what in glass.violations())


@pytest.mark.parametrize("language", LOCALES)
def test_nothing_is_out_of_place_in_any_look(walker, way, language):
    visit = walker(language)
    found = [what for stop in way for what in visit(stop)]
    assert not found, "\n".join([f"{len(found)} findings: {found[0]}", *found[1:]])


def test_what_is_out_of_place_is_found(page):
    page.set_content("""<!doctype html><body style="margin: 0"><div style="width: 700px">wide</div>
        <h1 style="overflow: hidden; width: 4ch; white-space: nowrap">A long title</h1>
        <button style="position: absolute; left: 9px; top: 50px; width: 90px">one</button>
        <a href="/" style="position: absolute; left: 60px; top: 50px; font-size: 9px">two</a>""")
    found = Glass(page).misplaced(Look(SIZES[0], "light", LARGE), gallery=False, main=None)
    for what in ("scrolls sideways", "reaches to 700", 'h1 "A long title" is cut', "overlap"):
        assert any(what in one for one in found), found
    assert any("less than 24" in one for one in found), found


def test_text_is_as_large_as_a_person_sets_it(page):
    page.set_content("<p style='font-size: 1rem; margin: 0; line-height: 1'>words</p>")
    Glass(page).wear(Look(SIZES[0], "dark", LARGE))
    assert page.evaluate("document.querySelector('p').offsetHeight") == 32
