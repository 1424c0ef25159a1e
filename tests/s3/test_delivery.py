"""Pictures out of a bucket: by signed addresses that last a while, to members only."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from events.models import Event
from faces.finding import scanning
from faces.models import PhotoScan
from findme.env import bucket, picture_origins
from photos.delivery import addresses
from photos.imaging import stripping
from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store import reading, signing, stores, windows
from photos.store.contract import Place
from tests.fakes import picture

pytestmark = [pytest.mark.s3, pytest.mark.django_db]

DATA = picture([1], seed=7)


@pytest.fixture
def photo(bucket_name, event):
    ingest(event=event, data=DATA, name="La fête.jpg", uploader=None)
    scanning.run(PhotoScan.objects.get().pk)
    return Photo.objects.get()


def at(monkeypatch, moment):
    monkeypatch.setattr(windows.time, "time", lambda: float(moment))


def test_a_signed_address_gives_the_picture_and_no_other_method_or_key(photo):
    address = addresses.signed(photo, "thumbnail")
    answer = requests.get(address)
    assert answer.status_code == 200
    assert answer.content == reading.read_of(photo, "thumbnail")
    assert "private" in answer.headers["Cache-Control"]
    assert requests.get(address.replace("thumbnail", "original")).status_code == 403
    assert requests.put(address, data=b"x").status_code == 403
    assert requests.delete(address).status_code == 403


def test_a_tampered_and_an_unsigned_address_are_refused(photo):
    address = addresses.signed(photo, "thumbnail")
    assert requests.get(address[:-4] + "0000").status_code == 403
    assert requests.get(address.replace("Expires=7200", "Expires=72000")).status_code == 403
    assert requests.get(address.partition("?")[0]).status_code == 403


def test_an_address_expires_with_the_window_after_its_own(photo, monkeypatch):
    now = windows.start()
    for ago, status in [(0, 200), (3600, 200), (2 * 3600 + 1, 403)]:
        at(monkeypatch, now - ago)
        assert requests.get(addresses.signed(photo, "thumbnail")).status_code == status


def test_an_address_stays_the_same_within_its_window_only(photo, monkeypatch):
    start = 1_800_000_000 // 3600 * 3600
    seen = []
    for moment in (start, start + 3599, start + 3600):
        at(monkeypatch, moment)
        signing.signed.cache_clear()  # as another process
        seen.append(addresses.signed(photo, "thumbnail"))
    assert seen[0] == seen[1] != seen[2]
    assert addresses.version() == str(start + 3600)
    signed_at = parse_qs(urlsplit(seen[0]).query)["X-Amz-Date"][0]
    assert signed_at == datetime.fromtimestamp(start, UTC).strftime("%Y%m%dT%H%M%SZ")


def test_a_gallery_links_to_the_bucket_without_asking_it(photo, event, guest, as_user, gate):
    gate.requests.clear()
    page = as_user(guest).get(reverse("general", args=[event.slug])).content.decode()
    source = re.search('<picture><source type="image/webp" srcset="(.*?)"', page)[1]
    for kind in ("thumbnail", "medium"):
        assert addresses.signed(photo, kind).replace("&", "&amp;") in source
    assert gate.requests == []


@pytest.mark.parametrize(
    ("overrides", "host"),
    [
        ({}, "our-photos.s3.eu-central-1.amazonaws.com"),
        ({"region_name": "us-east-1"}, "our-photos.s3.amazonaws.com"),
        ({"region_name": "cn-north-1"}, "our-photos.s3.cn-north-1.amazonaws.com.cn"),
        ({"bucket_name": "a.b"}, "s3.eu-central-1.amazonaws.com"),
        ({"endpoint_url": "https://127.0.0.1:9000"}, "127.0.0.1:9000"),
        ({"endpoint_url": "https://s3.example.com"}, "our-photos.s3.example.com"),
        ({"addressing_style": "path"}, "s3.eu-central-1.amazonaws.com"),
        ({"custom_domain": "cdn.example.com"}, "cdn.example.com"),
    ],
)
def test_pages_may_show_pictures_of_the_bucket(use_bucket, overrides, host):
    plain = {"bucket_name": "our-photos", "region_name": "eu-central-1"}
    keys = {"access_key": "key", "secret_key": "secret"}
    options = bucket() | plain | keys | overrides
    assert picture_origins(options) == [f"https://{host}"]
    if "custom_domain" not in overrides:
        use_bucket(**options)
        signed = stores.named("s3").address(Place("s3", "", 0, "photos/1/a"), "thumbnail", {})
        assert urlsplit(signed).netloc == host


@pytest.mark.parametrize(
    "wrong", [{"endpoint_url": "s3.example.com"}, {"addressing_style": "dns"}, {"bucket_name": " "}]
)
def test_settings_that_lead_nowhere_are_left_to_the_checks(wrong):
    assert picture_origins(bucket() | {"bucket_name": "b", "region_name": "x"} | wrong) == []


@pytest.mark.parametrize("kind", ["thumbnail", "medium", "preview"])
def test_our_address_leads_to_the_signed_one_for_members_only(
    photo, event, guest, stranger, as_user, kind
):
    address = reverse(kind, args=[event.slug, photo.pk])
    answer = as_user(guest).get(address)
    assert (answer.status_code, answer["Location"]) == (302, addresses.signed(photo, kind))
    assert int(answer["Cache-Control"].rpartition("=")[2]) <= 3600
    assert as_user(stranger).get(address).status_code == 404
    assert requests.get(answer["Location"]).status_code == 200


def test_a_browser_without_webp_is_sent_a_jpeg_by_us(photo, event, guest, as_user):
    address = reverse("thumbnail", args=[event.slug, photo.pk])
    new, old = (
        as_user(guest).get(address, headers={"accept": accept})
        for accept in ("image/webp,*/*", "image/png,*/*;q=0.5")
    )
    assert requests.get(new["Location"]).headers["Content-Type"] == "image/webp"
    assert (old.status_code, old["Content-Type"], old.content[:2]) == (
        200,
        "image/jpeg",
        b"\xff\xd8",
    )
    assert all("Accept," in f"{answer['Vary']}," for answer in (new, old))


def test_a_download_is_named_for_the_guest(photo, event, guest, as_user):
    answer = as_user(guest).get(reverse("download", args=[event.slug, photo.pk]))
    # The file says no time.
    assert answer["Content-Disposition"] == f'attachment; filename="photo_{photo.pk}.jpg"'


def test_an_organizers_original_keeps_its_name(photo, event, organizer, as_user):
    answer = as_user(organizer).get(reverse("original", args=[event.slug, photo.pk]))
    disposition = requests.get(answer["Location"]).headers["Content-Disposition"]
    assert disposition == "attachment; filename*=utf-8''La%20f%C3%AAte.jpg"


def test_a_guests_original_passes_through_the_site_an_organizers_does_not(
    photo, event, guest, organizer, as_user
):
    Event.objects.update(downloads=Event.Downloads.ORIGINAL)
    address = [event.slug, photo.pk]
    to_guest = as_user(guest).get(reverse("download", args=address))
    to_organizer = as_user(organizer).get(reverse("original", args=address))
    assert (to_guest.status_code, to_organizer.status_code) == (200, 302)
    assert to_guest.getvalue() == stripping.strip(DATA)
    answer = requests.get(to_organizer["Location"])
    assert (answer.content, answer.headers["Content-Type"]) == (DATA, "image/jpeg")


def test_a_part_of_an_original_is_read_from_the_bucket_alone(photo, gate):
    assert b"".join(reading.stream(photo, "original", 10, 20)) == DATA[10:20]


def test_selfies_never_leave_by_an_address(bucket_name, keys, event, guest, as_user):
    from faces.finding import enrolling

    selfie = enrolling.add_selfie(user=guest, data=DATA)
    assert [key for key in keys() if "/selfies/" in key] == list(keys())
    answer = as_user(guest).get(reverse("own_selfie", args=[selfie.pk]))
    assert (answer.status_code, answer.content[:2]) == (200, b"\xff\xd8")
    assert "no-store" in answer["Cache-Control"]


@pytest.fixture
def pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def test_cloudfront_addresses_are_signed_and_stable(photo, options, use_bucket, pem):
    cdn = {"custom_domain": "cdn.example.com", "cloudfront_key_id": "K1", "cloudfront_key": pem}
    use_bucket(**options | cdn)
    first = addresses.signed(photo, "preview")
    signing._cloudfront.cache_clear()
    assert addresses.signed(photo, "preview") == first
    assert first.startswith(f"https://cdn.example.com/our%20site/{photo.folder}/preview.jpg?")
    query = parse_qs(urlsplit(first).query)
    assert {"Expires", "Signature", "Key-Pair-Id"} <= set(query)
    assert int(query["Expires"][0]) == windows.start() + 7200
