"""Join, selfie by file, galleries, privacy: with JavaScript switched off, in French."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from faces.models import Consent, NoticeRequest, Selfie
from findme.env import DEMO_SELFIE
from tests.browser.conftest import names_shown, wait_until_all_is_looked_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(browser):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="fr-FR"
    )
    yield context.new_page()
    context.close()


def join_with_selfie(page, live_server, demo):
    page.goto(live_server.url + demo.get_join_url())
    page.get_by_label("Votre nom").fill("Camille")
    page.get_by_label("Votre adresse e-mail").fill("camille@example.com")
    page.get_by_role("button", name="Voir les photos").click()
    page.locator("input[type=file]").set_input_files(DEMO_SELFIE)
    page.get_by_label("Recevoir un e-mail pour").check()
    page.get_by_role("button", name="Recherchez mon visage").click()
    page.wait_for_url("**/mine/")


def test_a_guest_comes_in_finds_the_photos_and_goes_again(plain, live_server, demo, worker):
    join_with_selfie(plain, live_server, demo)
    consent = Consent.objects.in_force().get()
    assert (consent.language, NoticeRequest.objects.count()) == ("fr", 1)
    # The page asks for itself anew while it waits.
    expect(plain.locator("img[src*='/thumbnail']")).to_have_count(2, timeout=60_000)
    wait_until_all_is_looked_at(plain)
    plain.reload()
    assert names_shown(plain) == ["sample1.jpg", "sample3.jpg"]
    plain.locator("a:has(img[src*='/thumbnail'])").first.click()
    expect(plain.locator("img[src*='/preview']").first).to_be_visible()
    plain.goto(live_server.url + reverse("privacy"))
    plain.locator("summary", has_text="Retirer votre accord partout").click()
    plain.get_by_role("button", name="Oui, tout supprimer").click()
    expect(plain.get_by_text("Votre accord est retiré")).to_be_visible()
    assert not Consent.objects.in_force().exists()


def test_of_several_faces_one_is_chosen_on_a_page_of_its_own(plain, live_server, demo, samples):
    plain.goto(live_server.url + demo.get_join_url())
    plain.get_by_label("Votre nom").fill("Camille")
    plain.get_by_label("Votre adresse e-mail").fill("camille@example.com")
    plain.get_by_role("button", name="Voir les photos").click()
    plain.locator("input[type=file]").set_input_files(samples[2])
    plain.get_by_role("button", name="Recherchez mon visage").click()
    expect(plain.get_by_role("heading", name="Lequel de ces visages")).to_be_visible()
    assert not Selfie.objects.exists()
    plain.get_by_label("Visage 3 sur 3, en partant de la gauche").check()
    plain.get_by_role("button", name="C’est moi").click()
    plain.wait_for_url("**/mine/")
    assert Selfie.objects.get().face_box[0] > 0.6


def test_controls_that_would_do_nothing_are_not_shown(plain, live_server, demo):
    join_with_selfie(plain, live_server, demo)
    plain.goto(live_server.url + reverse("selfie", args=[demo.slug]))
    for hidden in ("[data-shutter]", "[data-open-camera]", "[data-library]", "[data-retake]"):
        expect(plain.locator(hidden)).to_be_hidden()


def test_the_language_is_switched_on_the_page_and_stays(plain, live_server, demo):
    join_with_selfie(plain, live_server, demo)
    plain.get_by_role("button", name="English").click()
    expect(plain.locator("html")).to_have_attribute("lang", "en")
    assert plain.url.endswith("/mine/")
    plain.goto(live_server.url)
    expect(plain.get_by_role("heading", name="Hello Camille.")).to_be_visible()
