"""What a browser keeps goes with the session."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["account_logout", "admin:logout"])
@pytest.mark.parametrize(
    ("host", "secure", "told"),
    [("localhost:8000", False, True), ("testserver", True, True), ("testserver", False, False)],
)
def test_signing_out_clears_what_the_browser_kept(as_user, organizer, name, host, secure, told):
    client = as_user(organizer)
    answer = client.post(reverse(name), headers={"host": host}, secure=secure)
    assert answer.headers.get("Clear-Site-Data", "") == ('"cache", "storage"' if told else "")


def test_whoever_was_not_signed_in_keeps_everything(client):
    answer = client.post(reverse("account_logout"), secure=True)
    assert "Clear-Site-Data" not in answer.headers
