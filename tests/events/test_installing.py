"""Installable, and honest without a network: nothing private is ever stored."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image

from events import installing


def test_the_manifest_names_icons_that_are_there_in_their_sizes(client):
    manifest = client.get(reverse("manifest")).json()
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        with Image.open(path) as image:
            assert icon["sizes"] == f"{image.width}x{image.height}"


def test_the_manifest_speaks_the_guests_language(client):
    answer = client.get(reverse("manifest"), headers={"accept-language": "fr"})
    assert (answer.json()["lang"], answer["Vary"].count("Accept-Language")) == ("fr", 1)
    assert "photos" in answer.json()["description"]


def files_of(client):
    script = client.get(reverse("service_worker")).content.decode()
    return json.loads(re.search(r"const FILES = (\[.*?\]);", script)[1]), script


def test_the_service_worker_keeps_the_offline_page_and_what_it_needs_only(client):
    files, _ = files_of(client)
    page = client.get(reverse("offline")).content.decode()
    needed = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert set(files) == {reverse("offline"), *needed}


def test_another_offline_page_makes_another_cache(client, monkeypatch):
    name = re.compile(r"findme-offline-\w+")
    before = name.search(files_of(client)[1])[0]
    monkeypatch.setattr(installing, "_offline_files", lambda: ["/static/bundles/site-2.css"])
    assert name.search(files_of(client)[1])[0] != before


def test_the_service_worker_covers_the_site_and_is_always_asked_for_anew(client):
    answer = client.get(reverse("service_worker"))
    assert answer["Content-Type"] == "text/javascript"
    assert reverse("service_worker").count("/") == 1
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("page", ["offline", "manifest", "service_worker"])
def test_they_need_neither_account_nor_database(client, page):
    assert client.get(reverse(page)).status_code == 200


def test_every_page_links_the_manifest():
    base = Path("templates/base.html").read_text()
    assert 'rel="manifest"' in base
    assert "apple-touch-icon" in base
