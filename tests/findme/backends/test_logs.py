"""What must not stand in a log."""

import logging

import pytest

from findme.backends.logs import WithoutSecretLinks


@pytest.mark.parametrize(
    ("message", "args", "logged"),
    [
        ("Not Found: %s", ("/e/party/join/ABCD2345/",), "Not Found: /e/party/join/…/"),
        ("Not Found: /e/party/join/ABCD2345", (), "Not Found: /e/party/join/…"),
        ("Not Found: /e/party/live/s3cr-et/1.jpg", (), "Not Found: /e/party/live/…/1.jpg"),
        ("100 %", (), "100 %"),
        ("photo=%s", (7,), "photo=7"),
    ],
)
def test_codes_are_taken_out_and_nothing_else(message, args, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    assert WithoutSecretLinks().filter(record)
    assert record.getMessage() == logged


def test_the_handler_uses_the_filter(settings):
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["without_secret_links"]
