"""Browsers inside other apps are known by their names."""

import pytest
from django.test import RequestFactory

from events.entrance import in_app

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Version/4.0 Chrome/126.0"
INSIDE = {
    f"{PHONE} Mobile/15E148 Instagram 340.0.3.27 (iPhone14,5; iOS 18_5; fr_FR)": "Instagram",
    f"{PHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/470.0.0.40.99;FBDV/iPhone14,5]": "Facebook",
    f"{ANDROID} Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.1.0.46.79;]": "Facebook",
    f"{ANDROID} Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/470.0;]": "Messenger",
    f"{ANDROID} Mobile Safari/537.36 trill_340103 BytedanceWebview/d8a21c6": "TikTok",
    f"{PHONE} Mobile/15E148 Snapchat/12.90.0.40 (like Safari/604.1)": "Snapchat",
    f"{PHONE} Mobile/15E148 MicroMessenger/8.0.50 NetType/WIFI": "WeChat",
}
OUTSIDE = [
    "",
    f"{PHONE} Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
]


def asked_by(agent):
    return RequestFactory(headers={"user-agent": agent}).get("/")


@pytest.mark.parametrize(("agent", "name"), INSIDE.items(), ids=INSIDE.values())
def test_apps_are_known(agent, name):
    assert in_app.browser_name(asked_by(agent)) == name


@pytest.mark.parametrize("agent", OUTSIDE)
def test_browsers_are_no_apps(agent):
    assert in_app.browser_name(asked_by(agent)) == ""


def test_android_gets_a_link_that_opens_the_guests_own_browser(settings):
    settings.SITE_URL = "http://testserver"
    hint = in_app.hint(asked_by(ANDROID), "/e/x/join/CODE/")
    assert hint["intent_url"] == "intent://testserver/e/x/join/CODE/#Intent;scheme=http;end"
    assert in_app.hint(asked_by(PHONE), "/")["intent_url"] == ""


@pytest.mark.django_db
def test_the_join_and_selfie_pages_show_the_way_out(client, as_user, event, guest, settings):
    settings.SITE_URL = "https://photos.example"
    agent = {"user-agent": next(iter(INSIDE))}
    join = client.get(event.get_join_url(), headers=agent).content.decode()
    selfie = as_user(guest).get(f"/e/{event.slug}/selfie/", headers=agent).content.decode()
    for page in (join, selfie):
        assert "You are inside Instagram." in page
        assert f"https://photos.example{event.get_join_url()}" in page
    assert "data-camera" not in selfie
