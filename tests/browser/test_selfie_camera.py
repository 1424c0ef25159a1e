"""From the QR code's link to the own photos, with a camera that shows a real face."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import expect

from faces.models import Consent, Selfie
from findme.env import DEMO_SELFIE
from tests.browser.conftest import names_shown, wait_until, wait_until_all_is_looked_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
TAPS = """
    sessionStorage.taps ??= 0;
    addEventListener("click", (event) => event.isTrusted && sessionStorage.taps++, true);
"""


def mjpeg(face, change=lambda image: image):
    """A film of one still: the face in front of a grey wall, as a phone's camera sees it."""
    wall = Image.new("RGB", (1280, 960), (96, 96, 96))
    face = face.resize((760, round(760 * face.height / face.width)))
    wall.paste(face, (260, max(0, (960 - face.height) // 2)))
    out = io.BytesIO()
    change(wall).save(out, "JPEG", quality=90)
    return out.getvalue() * 5


@pytest.fixture
def camera(demo, browser_with):
    """`camera(change)` is a phone whose camera shows the demo's guest, changed so."""
    contexts = []

    def start(change=lambda image: image, granted=True):
        browser = browser_with(mjpeg(Image.open(DEMO_SELFIE), change))
        contexts.append(browser.new_context(viewport=PHONE))
        contexts[-1].grant_permissions(["camera"] if granted else [])
        contexts[-1].add_init_script(TAPS)
        return contexts[-1].new_page()

    yield start
    for context in contexts:
        context.close()


def arrive(page, live_server, demo):
    page.goto(live_server.url + demo.get_join_url())
    page.get_by_label("Your name").fill("Camille")
    page.get_by_label("Your e-mail address").fill("camille@example.com")
    page.get_by_label("Your e-mail address").press("Tab")
    page.get_by_role("button", name="See the photos").click()
    page.wait_for_url("**/selfie/")


def shoot(page):
    expect(page.locator(".selfie-form")).to_have_attribute("data-state", "live")
    page.get_by_role("button", name="Take the picture").click()
    expect(page.locator(".selfie-form")).to_have_attribute("data-state", "preview")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_from_the_link_to_the_own_photos_in_at_most_four_taps(
    camera, live_server, demo, worker, size
):
    page = camera()
    page.set_viewport_size(size)
    arrive(page, live_server, demo)
    shoot(page)
    expect(page.get_by_role("status")).to_have_text("That is a good one.")
    assert not Selfie.objects.exists()  # checked, not kept: nobody has agreed yet
    page.get_by_role("button", name="Yes, look for my face").click()
    page.wait_for_url("**/mine/")
    # Without reloading: the page fills itself while the worker looks at the photos.
    expect(page.locator("img[src*='/thumbnail']").first).to_be_visible(timeout=60_000)
    # One more is the browser's own question whether the camera may be used.
    assert int(page.evaluate("sessionStorage.taps")) + 1 <= 4
    assert Consent.objects.in_force().count() == 1
    wait_until_all_is_looked_at(page)
    page.reload()
    # A film of a photo is no second photo: of the other one it may not be sure enough.
    assert {"sample1.jpg"} <= set(names_shown(page)) <= {"sample1.jpg", "sample3.jpg"}
    page.goto(f"{live_server.url}/e/demo/")
    assert names_shown(page) == [f"sample{n}.jpg" for n in range(1, 7)]


def test_what_is_wrong_is_said_at_once_and_another_can_be_taken(camera, live_server, demo):
    page = camera(lambda image: image.filter(ImageFilter.GaussianBlur(10)))
    arrive(page, live_server, demo)
    shoot(page)
    expect(page.locator(".selfie-form")).to_have_attribute("data-mood", "bad")
    expect(page.get_by_role("status")).to_have_text(re.compile("blurred"))
    # Nothing is agreed to or sent with it, and the face that is judged is in full view.
    expect(page.get_by_role("button", name="Yes, look for my face")).to_be_hidden()
    expect(page.locator(".consent")).to_be_hidden()
    assert_below(page, ".viewfinder-hint", ".viewfinder")
    expect(page.get_by_alt_text("The picture you took")).to_be_in_viewport(ratio=0.95)
    expect(page.get_by_role("button", name="Take another")).to_be_focused()
    main = page.locator("button:visible:not(.quiet, .button-plain)")
    expect(main).to_have_text("Take another", use_inner_text=True)
    page.get_by_role("button", name="Take another").click()
    expect(page.locator(".selfie-form")).to_have_attribute("data-state", "live")


def test_in_the_dark_the_live_picture_says_so_and_the_verdict_too(camera, live_server, demo):
    page = camera(lambda image: image.point(lambda value: value // 8))
    arrive(page, live_server, demo)
    expect(page.get_by_role("status")).to_have_text(re.compile("dark here"))
    shoot(page)
    expect(page.get_by_role("status")).to_have_text(re.compile("too dark"))


def test_where_the_camera_is_refused_a_file_does(camera, live_server, demo, tmp_path):
    page = camera(granted=False)
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('refused'))"
    )
    arrive(page, live_server, demo)
    expect(page.get_by_role("status")).to_have_text(re.compile("camera is not available"))
    wall = tmp_path / "wall.jpg"
    Image.new("RGB", (640, 800), (90, 90, 90)).save(wall)
    choose(page, "Choose a picture", wall)
    expect(page.get_by_role("status")).to_have_text(re.compile("cannot find a face"))
    choose(page, "Pick another", DEMO_SELFIE)
    expect(page.get_by_role("status")).to_have_text("That is a good one.")
    page.get_by_role("button", name="Yes, look for my face").click()
    page.wait_for_url("**/mine/")
    assert Selfie.objects.count() == 1


def test_where_there_is_no_camera_nobody_is_asked_for_it(camera, live_server, demo):
    page = camera()
    page.add_init_script("""
        navigator.mediaDevices.enumerateDevices = () => Promise.resolve([]);
        navigator.mediaDevices.getUserMedia = () => { window.isAsked = true; };
    """)
    arrive(page, live_server, demo)
    expect(page.get_by_role("status")).to_have_text(re.compile("camera is not available"))
    assert not page.evaluate("window.isAsked")
    expect(page.get_by_role("button", name="Choose a picture")).to_be_visible()


def test_a_picture_the_browser_cannot_show_is_checked_and_a_word_stands_for_it(
    camera, live_server, demo, tmp_path
):
    heic = tmp_path / "selfie.heic"
    Image.open(DEMO_SELFIE).save(heic, "HEIF")
    page = camera()
    arrive(page, live_server, demo)
    page.locator(".selfie-input").set_input_files(heic)
    word = page.get_by_text("This browser cannot show this picture")
    expect(page.get_by_role("status")).to_have_text("That is a good one.")
    expect(word).to_be_visible()
    expect(page.get_by_alt_text("The picture you took")).to_be_hidden()
    page.locator(".selfie-input").set_input_files(Path(__file__))
    expect(page.get_by_role("status")).to_have_text("This file is not a picture.")
    expect(word).to_be_hidden()  # one reason is enough
    page.locator(".selfie-input").set_input_files(DEMO_SELFIE)
    expect(page.get_by_role("status")).to_have_text("That is a good one.")
    expect(word).to_be_hidden()
    expect(page.get_by_alt_text("The picture you took")).to_be_visible()


def assert_below(page, lower, upper):
    above = page.locator(upper).bounding_box()
    assert page.locator(lower).bounding_box()["y"] >= above["y"] + above["height"]


def assert_in_one_line(page):
    again, yes = (page.locator(f"[data-{which}]").bounding_box() for which in ("retake", "submit"))
    assert again["y"] == yes["y"]
    assert again["x"] < yes["x"]
    assert again["height"] == yes["height"] < 56  # nor do their words take two


@pytest.fixture
def narrow(camera, live_server, demo):
    """A small phone on which a guest has just arrived."""
    page = camera()
    page.set_viewport_size({"width": 360, "height": 780})
    arrive(page, live_server, demo)
    return page


def test_the_button_is_within_reach_however_long_the_words_are(narrow):
    narrow.locator(".selfie-input").set_input_files(DEMO_SELFIE)
    button = narrow.get_by_role("button", name="Yes, look for my face")
    expect(button).to_be_in_viewport(ratio=1)
    expect(narrow.locator(".event-nav")).to_be_hidden()  # it gives way to the button's bar
    expect(narrow.get_by_text("From your selfie we compute")).to_be_in_viewport()
    expect(narrow.get_by_label("E-mail me about new photos")).to_be_in_viewport(ratio=1)
    all_about_it = narrow.get_by_text("Everything about it")
    all_about_it.focus()
    assert_below(narrow, ".selfie-bar", ".consent summary")  # not over what has the focus
    all_about_it.click()
    expect(button).to_be_in_viewport(ratio=1)
    assert_in_one_line(narrow)
    narrow.get_by_role("button", name="Français").click()
    narrow.locator(".selfie-input").set_input_files(DEMO_SELFIE)
    narrow.get_by_role("button", name="Recherchez mon visage").wait_for()
    assert_in_one_line(narrow)


def test_on_a_phone_that_lies_on_its_side_the_button_is_beside_the_camera(narrow):
    narrow.set_viewport_size({"width": 780, "height": 360})
    expect(narrow.locator(".selfie-form")).to_have_attribute("data-state", "live")
    for button in ("Take the picture", "Yes, look for my face"):
        place = narrow.get_by_role("button", name=button)
        expect(place).to_be_in_viewport(ratio=1)
        expect(narrow.locator(".viewfinder")).to_be_in_viewport(ratio=0.95)
        picture = narrow.locator(".viewfinder").bounding_box()
        assert place.bounding_box()["x"] > picture["x"] + picture["width"]
        if button == "Take the picture":
            place.click()
    narrow.evaluate("document.documentElement.style.fontSize = '200%'")
    assert narrow.evaluate("document.querySelector('main').scrollWidth") <= 780


def test_nothing_is_lost_by_a_refusal_or_without_a_connection(narrow):
    narrow.locator(".selfie-input").set_input_files(DEMO_SELFIE)
    expect(narrow.get_by_role("status")).to_have_text("That is a good one.")
    narrow.get_by_label("E-mail me about new photos").check()
    narrow.context.set_offline(True)
    submit(narrow)
    expect(narrow.get_by_role("status")).to_contain_text("Your picture is still here")
    narrow.context.set_offline(False)
    wait_until(narrow, "navigator.onLine")
    narrow.locator("[name=words]").evaluate("input => { input.value = 'other'; }")
    submit(narrow)
    expect(narrow.get_by_role("status")).to_contain_text("has changed since")
    expect(narrow.get_by_alt_text("The picture you took")).to_be_visible()
    narrow.get_by_role("button", name="Yes, look for my face").click()
    narrow.wait_for_url("**/mine/")
    assert Selfie.objects.count() == 1


def submit(page):
    page.get_by_role("button", name="Yes, look for my face").click()


def test_of_several_faces_the_guest_chooses_theirs(narrow, samples):
    narrow.locator(".selfie-input").set_input_files(samples[2])
    faces = narrow.get_by_role("radiogroup", name="Which face is yours?").get_by_role("radio")
    expect(narrow.get_by_role("status")).to_have_text("We see several faces. Which one is yours?")
    expect(faces).to_have_count(3)
    expect(faces.nth(1)).to_be_checked()  # the largest in the middle
    expect(narrow.get_by_role("button", name="Yes, look for my face")).to_be_in_viewport(ratio=1)
    faces.nth(1).focus()
    narrow.keyboard.press("ArrowRight")
    expect(narrow.get_by_label("Face 3 of 3, from the left")).to_be_checked()
    narrow.keyboard.press("Enter")
    narrow.wait_for_url("**/mine/")
    left, _top, width, _height = Selfie.objects.get().face_box
    assert left + width / 2 > 0.8
    assert Consent.objects.in_force().count() == 1


def test_a_face_that_will_not_do_says_why_and_another_can_be_tapped(narrow, samples, tmp_path):
    pair = tmp_path / "pair.jpg"
    left = Image.open(DEMO_SELFIE)
    both = Image.new("RGB", (2 * left.width, left.height))
    both.paste(left.filter(ImageFilter.GaussianBlur(left.width / 60)), (0, 0))
    both.paste(left, (left.width, 0))
    both.save(pair, quality=95)
    narrow.locator(".selfie-input").set_input_files(pair)
    faces = narrow.get_by_role("radio")
    expect(faces.nth(1)).to_be_checked()
    faces.nth(0).click()
    expect(narrow.get_by_role("status")).to_have_text(re.compile("blurred"))
    narrow.keyboard.press("Enter")
    expect(narrow.get_by_role("button", name="Yes, look for my face")).to_be_hidden()
    faces.nth(1).click()
    expect(narrow.get_by_role("button", name="Yes, look for my face")).to_be_visible()


def test_another_picture_takes_the_faces_of_the_last_one_away(narrow, samples):
    narrow.locator(".selfie-input").set_input_files(samples[2])
    expect(narrow.get_by_role("radio")).to_have_count(3)
    narrow.locator(".selfie-input").set_input_files(DEMO_SELFIE)
    expect(narrow.get_by_role("status")).to_have_text("That is a good one.")
    expect(narrow.get_by_role("radio")).to_have_count(0)
    narrow.get_by_role("button", name="Yes, look for my face").click()
    narrow.wait_for_url("**/mine/")
    assert Selfie.objects.get().face_box is None


def choose(page, button, path):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(path)


@pytest.mark.parametrize("answer", ["grant", "refuse"])
def test_a_file_chosen_while_the_browser_asks_stays_chosen(camera, live_server, demo, answer):
    page = camera()
    page.add_init_script("""
        const film = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) => new Promise((resolve, reject) => {
          window.grant = () => film(wanted).then((stream) => resolve(window.stream = stream));
          window.refuse = () => reject(new Error("refused"));
        });
    """)
    arrive(page, live_server, demo)
    page.locator(".selfie-input").set_input_files(DEMO_SELFIE)
    expect(page.get_by_role("status")).to_have_text("That is a good one.")
    page.evaluate(f"window.{answer}()")
    if answer == "grant":  # and no camera is left running behind the picture
        wait_until(page, "window.stream?.getTracks().every((t) => t.readyState === 'ended')")
    page.wait_for_timeout(100)
    expect(page.locator(".selfie-form")).to_have_attribute("data-state", "preview")
    page.get_by_role("button", name="Yes, look for my face").click()
    page.wait_for_url("**/mine/")


def test_with_the_keyboard_alone(camera, live_server, demo):
    page = camera()
    page.goto(live_server.url + demo.get_join_url())
    page.get_by_label("Your name").press_sequentially("Camille")
    page.keyboard.press("Tab")
    page.keyboard.type("camille@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**/selfie/")
    expect(page.locator(".selfie-form")).to_have_attribute("data-state", "live")
    press_until(page, "Take the picture")
    expect(page.get_by_role("status")).to_have_text("That is a good one.")
    press_until(page, "Yes, look for my face")
    page.wait_for_url("**/mine/")


def press_until(page, name):
    """Tab to the button of this name, from wherever the focus is, and press it."""
    button = page.get_by_role("button", name=name)
    for _ in range(30):
        if button.evaluate("element => element === document.activeElement"):
            return page.keyboard.press("Enter")
        page.keyboard.press("Tab")
    return pytest.fail(f"the keyboard does not reach {name}")
