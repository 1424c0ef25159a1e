"""When the database is away, people see our own page, and scripts learn that they should wait."""

import pytest
from django import db
from django.test import Client


@pytest.fixture
def away(monkeypatch):
    def refuse(*args, **kwargs):
        raise db.OperationalError("connection refused")

    monkeypatch.setattr(db.connection, "ensure_connection", refuse)
    monkeypatch.setattr(db.connection, "cursor", refuse)


@pytest.mark.parametrize("path", ["/", "/e/demo/", "/e/demo/mine/", "/privacy/", "/nothing/"])
def test_the_error_page_needs_no_database(away, path):
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert b"bundles/site-" in answer.content
    assert b"<h1>" in answer.content


def test_a_script_gets_the_reason_in_its_language(away, caplog):
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32
    headers = {"accept": "application/json", "accept-language": "fr"}
    answer = client.post("/e/demo/favourites/mark/", headers=headers)
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_away"
    assert "base de données" in answer.json()["reason"]
    assert "database_away error=OperationalError" in caplog.text


def test_what_is_our_own_fault_stays_500(monkeypatch):
    def fail(request):
        raise RuntimeError("a bug")

    monkeypatch.setattr("events.language.set_language_cookie", fail)
    answer = Client(raise_request_exception=False).post("/language/setlang/")
    assert answer.status_code == 500
    assert b"bundles/site-" in answer.content


def test_a_refused_form_explains_itself_in_french(away):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    answer = client.post("/language/setlang/", headers={"accept-language": "fr"})
    assert answer.status_code == 403
    assert "Envoyez à nouveau" in answer.content.decode()
