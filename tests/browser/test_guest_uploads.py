"""A guest's own photos, from the phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.fakes import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_guest_adds_photos_and_sees_them_wait(page, as_guest, event, tmp_path):
    type(event).objects.update(guest_uploads=True)
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(picture([]))
    bad.write_bytes(b"<html>")
    as_guest(f"/e/{event.slug}/add/")
    page.get_by_label("Photos from this device").set_input_files([good, bad])
    page.get_by_role("button", name="Add to the event").click()
    expect(page.get_by_text("This file is not a picture.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Waits for approval")).to_be_visible()
