"""Codes and links as people type and paste them."""

import logging

import pytest
from django.core.cache import cache
from django.urls import reverse

from findme.refusals import words_of
from tests.builders import make_event

NEW = {"name": "Nina", "email": "Nina@Example.com"}


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


def test_a_right_code_leads_to_the_join_page(client, event):
    typed = f"{event.join_code[:4].lower()} {event.join_code[4:]}"
    assert client.get("/join/", {"code": typed}).url == event.get_join_url()
    assert client.post("/join/", {"code": typed}).url == event.get_join_url()


def test_a_wrong_code_is_explained_and_logged(client, caplog):
    caplog.set_level(logging.INFO, "events")
    answer = client.post("/join/", {"code": "WRONG234"})
    assert answer.status_code == 422
    assert words_of("wrong_code") in answer.content.decode()
    assert "join_refused code=wrong_code" in caplog.text


@pytest.mark.parametrize("typed", ["", "  ", "-", "\x00", "é" * 501])
def test_nonsense_is_no_error_of_ours(client, typed):
    assert client.post("/join/", {"code": typed}).status_code == 422


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD–2345",  # as word processors write a hyphen
        "ABCD\u200b2345",
        "ABCD\u00ad2345\ufeff",
        "\u00a0ABCD\u00a02345",
        "ＡＢＣＤ　２３４５",
        "abcd 2345.",
        "«ABCD2345»",
        "ABCD_2345",
        "A B C D . 2 3 4 5",
        "https://photos.example/e/any/join/ABCD2345/",
        "https://photos.example/e/any/join/ABCD2345.",
        "<https://photos.example/e/any/join/ABCD2345>",
        "HTTPS://PHOTOS.EXAMPLE/E/ANY/JOIN/ABCD2345/",
        "(photos.example/e/any/join/ABCD2345)",
        "Join here: https://photos.example/e/any/join/ABCD2345//, and bring shoes!",
        "https://photos.example/e/any/join/abcd%202345/?utm_source=mail#top",
    ],
)
def test_a_code_is_read_however_it_was_pasted(client, typed):
    event = make_event(join_code="ABCD2345")
    for ask in (client.get, client.post):
        assert ask("/join/", {"code": typed}).url == event.get_join_url()


@pytest.mark.parametrize(
    "end",
    [
        *["ABCD2345", "ABCD2345.", "ABCD2345)/", "ABCD2345>", "ABCD2345//", "ABCD2345/)"],
        *["ABCD2345/>", "ABCD2345/.,", "/ABCD2345/", "abcd-2345/", "ABCD\u200b2345/"],
        *["%EF%BC%A1BCD2345/", "ABCD2345%E3%80%82"],
    ],
)
@pytest.mark.parametrize("slug", ["our-day", "Our-Day", "OUR-DAY"])
def test_a_link_opens_its_event_whatever_hangs_on_it(client, slug, end):
    event = make_event(slug="our-day", join_code="ABCD2345")
    answer = client.get(f"/e/{slug}/join/{end}", follow=True)
    assert (answer.status_code, answer.context["event"]) == (200, event)


@pytest.mark.parametrize("end", ["", ".", "/", "//evil.example", "%0d%0a", "%00", "..%2f", "é/é"])
def test_an_odd_link_is_no_error_of_ours_and_leads_nowhere_else(client, event, end):
    for slug in (event.slug, event.slug.upper()):
        answer = client.get(f"/e/{slug}/join/{end}", follow=True)
        assert answer.status_code in (200, 404)
        assert all(url.startswith("/") and url[1] != "/" for url, _ in answer.redirect_chain)


def test_guessing_is_stopped_and_locks_nobody_out(client, event, limited):
    limited(wrong_code="2/m/ip")
    answers = [client.post("/join/", {"code": f"WRONG22{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert words_of("too_many_codes") in answers[2].content.decode()
    assert answers[2]["Retry-After"] == "60"
    assert client.post("/join/", {"code": event.join_code}).url == event.get_join_url()


def test_guessing_by_links_is_stopped_for_that_event_alone(client, event, limited):
    limited(wrong_link="2/m/ip+key")
    wrong = reverse("join", args=[event.slug, "WRONG222"])
    assert [client.get(wrong).status_code for _ in range(3)] == [404, 404, 429]
    elsewhere = reverse("join", args=[make_event().slug, "WRONG222"])
    assert client.get(elsewhere).status_code == 404
    assert client.get(event.get_join_url()).status_code == 200
    assert client.post(event.get_join_url(), NEW).status_code == 302
