"""Conditional requests, by one rule for pages, pictures and downloads; and the way back."""

import pytest
from django.http import HttpResponse

from findme.http import back, unless_known

ETAG = '"abc"'


@pytest.mark.parametrize("named", [ETAG, f"W/{ETAG}", f'"old", {ETAG}', "*"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_the_browser_has_is_not_made_again(rf, method, named):
    request = getattr(rf, method)("/", headers={"if-none-match": named})
    answer = unless_known(request, ETAG, pytest.fail)
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", ETAG)


@pytest.mark.parametrize("named", ["", '"abcd"', '"ab"', "abc"])
def test_anything_else_is_answered_in_full(rf, named):
    request = rf.get("/", headers={"if-none-match": named})
    answer = unless_known(request, ETAG, lambda: HttpResponse("new"))
    assert (answer.status_code, answer.content, answer["ETag"]) == (200, b"new", ETAG)


def test_a_form_is_answered_whatever_the_browser_has(rf):
    request = rf.post("/", headers={"if-none-match": ETAG})
    assert unless_known(request, ETAG, lambda: HttpResponse("done")).content == b"done"


@pytest.mark.parametrize(
    ("asked", "came_from", "leads_to"),
    [
        ("/e/party/?before=3", "/e/party/mine/", "/e/party/?before=3"),
        ("", "http://testserver/e/party/mine/", "http://testserver/e/party/mine/"),
        ("https://evil.example/", "http://testserver/e/party/", "http://testserver/e/party/"),
        ("//evil.example/", "https://evil.example/", "/otherwise/"),
        ("", "", "/otherwise/"),
    ],
)
def test_a_form_leads_back_to_a_page_of_ours_only(rf, asked, came_from, leads_to):
    request = rf.post("/", {"next": asked}, headers={"referer": came_from})
    assert back(request, otherwise="/otherwise/").url == leads_to
