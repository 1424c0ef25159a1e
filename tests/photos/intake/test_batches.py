"""What a browser began to send is remembered: how far it came, and that the rest is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from events.models import Membership
from photos.intake import batches
from photos.models import UploadBatch
from tests.builders import add_member, make_photo, make_scan, make_user

pytestmark = pytest.mark.django_db

LEFT = "78 of 300 sent; drop the folder again to send the rest."


@pytest.fixture
def client(as_user, organizer):
    return as_user(organizer)


def address(event, name):
    return reverse(f"admin:photos_photo_{name}", args=[event.pk])


def tell(client, event, sent=78, files=300, key="a1-12c"):
    said = {"key": key, "files": files, "sent": sent}
    return client.post(address(event, "batch"), said, content_type="application/json")


def fall_silent():
    UploadBatch.objects.update(heard_at=timezone.now() - timedelta(minutes=3))


def test_a_tab_closed_too_early_is_told_of_wherever_progress_is(client, event):
    make_scan(make_photo(event), state="done")
    assertContains(client.get(address(event, "progress")), "All photos are looked at.")
    assert tell(client, event).status_code == 200
    progress = address(event, "progress")
    assertContains(client.get(progress), "78 of 300 sent")
    assertNotContains(client.get(progress), "All photos are looked at.")
    assertNotContains(client.get(progress), "Forget it")
    fall_silent()
    event_page = reverse("admin:events_event_change", args=[event.pk])
    for page in (progress, address(event, "upload"), event_page):
        assertContains(client.get(page), LEFT)
        assertContains(client.get(page), "Forget it")
    assertContains(client.get(progress), '<progress max="223"')


def test_the_same_folder_again_finishes_the_batch(client, event):
    make_photo(event)
    tell(client, event)
    fall_silent()
    for sent in (0, 120, 300):
        tell(client, event, sent)
    batch = UploadBatch.objects.get()
    assert (batch.sent, batch.ended_at is not None) == (300, True)
    page = client.get(address(event, "progress"))
    assertNotContains(page, "drop the folder again")
    assertContains(page, '<progress max="1"')


def test_what_a_page_says_late_takes_nothing_back(client, event):
    tell(client, event)
    tell(client, event, 40)
    assert UploadBatch.objects.get().sent == 78


def test_a_batch_that_ended_begins_anew_where_its_photos_were_deleted(client, event):
    tell(client, event, 300)
    tell(client, event, 10)
    batch = UploadBatch.objects.get()
    assert (batch.sent, batch.ended_at) == (10, None)


def test_telling_takes_one_statement(client, event, organizer, django_assert_num_queries):
    tell(client, event)
    with django_assert_num_queries(1):
        batches.note(event=event, user=organizer, key="a1-12c", files=300, sent=79)


@pytest.mark.parametrize(
    "said",
    [
        {"sent": 301},
        {"sent": -1},
        {"sent": True},
        {"files": "300"},
        {"files": 10**9},
        {"key": "Ä"},
        {"key": 5},
        {"key": "a" * 37},
    ],
)
def test_what_no_page_of_ours_says_is_refused(client, event, said):
    assert tell(client, event, **said).status_code == 400
    assert not UploadBatch.objects.exists()


def test_a_batch_is_forgotten_by_its_own_and_by_organizers(as_user, client, event, organizer):
    photographers = [make_user("Paula"), make_user("Piet")]
    for one in photographers:
        add_member(event, one, Membership.Role.PHOTOGRAPHER)
    paula, piet = map(as_user, photographers)
    tell(paula, event)
    fall_silent()
    batch = {"batch": UploadBatch.objects.get().pk}
    assertNotContains(piet.get(address(event, "progress")), "Forget it")
    assert piet.post(address(event, "forget_batch"), batch).status_code == 403
    assertContains(client.get(address(event, "progress")), "<strong>Paula</strong>")
    said = paula.post(address(event, "forget_batch"), batch, follow=True)
    assertContains(said, "The photos that arrived stay.")
    assert client.post(address(event, "forget_batch"), batch).status_code == 302
    tell(paula, event)
    client.post(address(event, "forget_batch"), {"batch": UploadBatch.objects.get().pk})
    assert not UploadBatch.objects.exists()


def test_batches_are_forgotten_after_a_month(client, event):
    tell(client, event)
    batches.sweep()
    assert UploadBatch.objects.exists()
    UploadBatch.objects.update(begun_at=timezone.now() - timedelta(days=31))
    assert batches.unfinished(event) == []
    batches.sweep()
    assert not UploadBatch.objects.exists()
