"""“Is this you?” in a browser: by buttons, keys and fingers, in place and without scripts."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from faces.finding import matching
from faces.guest import questions
from faces.models import FaceMatch
from tests.browser.conftest import wait_until
from tests.browser.gallery import PHONE
from tests.builders import (
    consent,
    make_enrollment,
    make_match,
    make_photo,
    make_question,
    make_selfie,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = "#question-said"
YOURS = "Thank you: this photo is now among yours."


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch):
    """Questions are made by hand: matching the guest again, after an answer, would find none."""
    monkeypatch.setattr(matching, "match_guest", lambda event, user_id: None)


@pytest.fixture
def asked(event, guest):
    """Five questions, and a photo that is the guest's."""
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    make_match(guest, make_photo(event))
    return [make_question(guest, event, similarity) for similarity in (80, 78, 76, 74, 72)]


def button(page, answer):
    return page.locator(f"#question button[value={answer}]").first


def expect_asked(page, match):
    expect(page.locator("#question .question-face").first).to_have_attribute(
        "src", f"/e/{match.event.slug}/mine/questions/{match.face_id}.jpg"
    )


def verdict(match):
    return FaceMatch.objects.get(pk=match.pk).verdict


def test_a_yes_brings_the_photo_into_the_gallery_below_without_a_reload(
    page, event, asked, as_guest
):
    as_guest(f"/e/{event.slug}/mine/")
    page.evaluate("window.isSame = true")
    expect_asked(page, asked[0])
    button(page, "yes").click()
    expect(page.locator(SAID)).to_have_text(YOURS)
    expect(page.locator(f"#photo-{asked[0].photo_id}")).to_be_visible()
    expect(page.locator(".gallery-count")).to_have_text("2 photos of you")
    expect_asked(page, asked[1])
    assert page.evaluate("window.isSame")


def test_three_at_a_sitting_and_the_rest_is_a_link(page, event, asked, as_guest):
    as_guest(f"/e/{event.slug}/mine/")
    for match, answer in zip(asked, ("yes", "no", "unsure"), strict=False):
        expect_asked(page, match)
        button(page, answer).click()
    expect(page.get_by_role("heading", name="That is all for now.")).to_be_focused()
    page.get_by_role("link", name="3 more photos to check").click()
    page.wait_for_url("**/mine/questions/")
    expect(page.locator(".question-list li")).to_have_count(3)
    assert [verdict(match) for match in asked] == ["me", "not_me", "", "", ""]


def test_the_last_answer_is_taken_back_in_place(page, event, asked, as_guest):
    as_guest(f"/e/{event.slug}/mine/")
    button(page, "yes").click()
    expect(page.locator(".gallery-count")).to_have_text("2 photos of you")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(SAID)).to_have_text("Taken back.")
    expect(page.locator(".gallery-count")).to_have_text("1 photo of you")
    expect_asked(page, asked[0])
    assert verdict(asked[0]) == ""


def test_keys_answer_while_the_focus_is_on_the_question_and_nowhere_else(
    page, event, asked, as_guest
):
    as_guest(f"/e/{event.slug}/mine/")
    for key in ("y", "n", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    button(page, "no").focus()
    page.keyboard.press("Control+ArrowRight")
    page.wait_for_timeout(300)
    assert {verdict(match) for match in asked} == {""}
    # The focus goes on to the next question, so that one hand is enough.
    for number, key in enumerate(("ArrowRight", "n", "y"), start=1):
        page.keyboard.press(key)
        if number < 3:
            expect_asked(page, asked[number])
            expect(page.locator(".question-title")).to_be_focused()
    expect(page.get_by_role("heading", name="That is all for now.")).to_be_focused()
    assert [verdict(match) for match in asked[:3]] == ["me", "not_me", "me"]


def test_a_click_on_the_photo_of_a_question_leads_to_it(page, event, asked, as_guest):
    as_guest(f"/e/{event.slug}/mine/")
    page.get_by_role("link", name="See the whole photo").click()
    page.wait_for_url(f"**/photos/{asked[0].photo_id}/")


def swipe(page, dx, dy=0):
    """One finger over the face, by the browser's own events."""
    box = page.locator(".question-face").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)

    def send(kind, *points):
        touches = [{"x": at_x, "y": at_y} for at_x, at_y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", (x, y))
    for step in range(1, 9):
        send("touchMove", (x + dx * step / 8, y + dy * step / 8))
    send("touchEnd")
    session.detach()


def test_a_swipe_to_the_right_is_yes_and_to_the_left_no(phone, event, asked, as_guest):
    as_guest(f"/e/{event.slug}/mine/", on=phone)
    swipe(phone, 30)
    swipe(phone, 20, -150)
    phone.wait_for_timeout(400)
    phone.evaluate("window.scrollTo(0, 0)")
    assert {verdict(match) for match in asked} == {""}
    swipe(phone, 150)
    expect_asked(phone, asked[1])
    swipe(phone, -150)
    expect_asked(phone, asked[2])
    assert [verdict(match) for match in asked[:3]] == ["me", "not_me", ""]


def test_a_card_in_the_hand_makes_the_page_no_wider(phone, event, asked, as_guest):
    as_guest(f"/e/{event.slug}/mine/", on=phone)
    phone.evaluate("""() => {
        window.widths = new Set();
        window.addEventListener("pointermove", () =>
            window.widths.add(document.documentElement.scrollWidth));
    }""")
    swipe(phone, 150)
    expect_asked(phone, asked[1])
    assert phone.evaluate("[...window.widths]") == [PHONE["width"]]


def test_where_motion_is_unwelcome_nothing_moves(browser, event, asked, as_guest):
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    as_guest(f"/e/{event.slug}/mine/", on=page)
    page.evaluate("""() => {
        window.moves = [];
        const question = document.querySelector("[data-question]");
        new MutationObserver(() => window.moves.push(question.style.transform))
            .observe(question, { attributes: true });
    }""")
    swipe(page, 150)
    expect_asked(page, asked[1])
    assert set(page.evaluate("window.moves")) == {""}
    context.close()


def test_an_answer_that_does_not_arrive_is_said_and_can_be_given_again(
    browser, event, asked, as_guest
):
    page = browser.new_page()
    as_guest(f"/e/{event.slug}/mine/", on=page)
    page.context.set_offline(True)
    button(page, "yes").click()
    expect(page.locator(SAID)).to_have_text("That did not work. Please try again.")
    page.context.set_offline(False)
    button(page, "yes").click()
    expect(page.locator(SAID)).to_have_text(YOURS)
    page.close()


def test_on_the_page_of_all_each_goes_when_it_is_answered_and_comes_back_undone(
    page, event, asked, as_guest, monkeypatch
):
    monkeypatch.setattr(questions, "A_PAGE", 4)
    as_guest(f"/e/{event.slug}/mine/questions/")
    shown = page.locator(".question-list li")
    expect(shown).to_have_count(4)
    # Before htmx is there an answer is a form's: the page comes anew, and with the next question.
    wait_until(page, "document.querySelector('[hx-post]')['htmx-internal-data'] !== undefined")
    shown.nth(1).get_by_role("button", name="No", exact=True).click()
    expect(shown).to_have_count(3)
    expect(page.locator(SAID)).to_have_text("Thank you: we will not ask about it again.")
    assert verdict(asked[1]) == "not_me"
    page.get_by_role("button", name="Undo").click()
    expect(shown).to_have_count(4)
    page.get_by_role("link", name="More photos").click()
    expect(shown).to_have_count(1)
    expect_asked(page, asked[4])


def test_a_question_that_comes_while_the_page_is_open_is_asked_with_the_photos_that_come(
    page, event, guest, as_guest
):
    consent(guest, event)
    make_enrollment(make_selfie(guest), event)
    make_match(guest, make_photo(event))
    as_guest(f"/e/{event.slug}/mine/")
    expect(page.locator("#questions")).to_be_hidden()
    match = make_question(guest, event)
    make_match(guest, make_photo(event))
    page.evaluate("document.dispatchEvent(new CustomEvent('photos:changed'))")
    expect_asked(page, match)
    button(page, "yes").click()
    expect(page.locator(SAID)).to_have_text(YOURS)


def test_who_is_signed_out_meanwhile_is_led_to_the_log_in_page(page, event, asked, as_guest):
    as_guest(f"/e/{event.slug}/mine/questions/")
    Session.objects.all().delete()
    button(page, "yes").click()
    page.wait_for_url("**/account/login/**")
    assert verdict(asked[0]) == ""


@pytest.fixture
def plain(browser):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, locale="fr-FR")
    yield context.new_page()
    context.close()


def test_without_scripts_forms_lead_from_question_to_question(plain, event, asked, as_guest):
    as_guest(f"/e/{event.slug}/mine/", on=plain)
    for number, name in enumerate(("Oui", "Non", "Je ne sais pas")):
        expect_asked(plain, asked[number])
        plain.get_by_role("button", name=name, exact=True).click()
        expect(plain.locator(SAID)).to_be_visible()
    expect(plain.get_by_role("heading", name="C’est tout pour le moment.")).to_be_visible()
    plain.locator("#questions").get_by_role("button", name="Annuler").click()
    expect_asked(plain, asked[2])
    assert [verdict(match) for match in asked[:3]] == ["me", "not_me", ""]
    plain.get_by_role("link", name="Tout voir").click()
    plain.get_by_role("button", name="Oui", exact=True).first.click()
    expect(plain.locator(SAID)).to_contain_text("Merci")
    assert verdict(asked[2]) == "me"


@pytest.mark.parametrize("size", [(360, 780), (780, 360)], ids=["upright", "on its side"])
def test_the_card_is_low_and_the_first_photos_stay_in_sight(page, event, asked, as_guest, size):
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    as_guest(f"/e/{event.slug}/mine/")
    card, face, photo, tile = (
        page.locator(place).first.bounding_box()
        for place in (".question", ".question-face", ".question-photo", ".tile")
    )
    assert card["height"] <= (200 if height > width else 130)
    assert face["width"] > photo["width"]
    assert tile["y"] < height + (20 if width > height else -250)
    assert page.evaluate("document.documentElement.scrollWidth") == width
