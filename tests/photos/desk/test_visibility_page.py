"""Who sees what, on the desk: the form's answers, publishing with a way back, highlights."""

import pytest
from django.urls import reverse

from events import audit
from events.models import Event
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import make_photo
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(organizer, as_user):
    return as_user(organizer)


@pytest.fixture
def address(event):
    return reverse("admin:events_event_visibility", args=[event.pk])


def log_of(event):
    return [line.what for line in audit.lines(audit.entries(event))]


def test_new_photos_wait_where_the_event_says_so(event, organizer):
    event.publish_first = True
    waits = ingest(event=event, data=picture([1]), name="a.jpg", uploader=organizer).photo
    event.publish_first = False
    comes = ingest(event=event, data=picture([2]), name="b.jpg", uploader=organizer).photo
    assert (waits.published, comes.published) == (False, True)


def test_all_that_waits_is_published_and_taken_back(event, desk, address):
    before, hidden = make_photo(event), make_photo(event, published=False, hidden=True)
    waiting = [make_photo(event, published=False) for _ in range(2)]
    page = desk.get(address)
    assert "Publish all (2)" in page.content.decode()
    newest = page.context["newest"]
    came_since = make_photo(event, published=False)
    answer = desk.post(address, {"publish": newest}, follow=True)
    assert "2 photos are published" in answer.content.decode()
    assert set(Photo.objects.filter(published=True)) == {before, *waiting}
    desk.post(address, {"undo": "1"})
    assert set(Photo.objects.filter(published=False)) == {hidden, came_since, *waiting}
    assert log_of(event)[:2] == ["Took published photos back (2)", "Published photos (2)"]


@pytest.mark.parametrize("sent", [{}, {"publish": "x"}, {"publish": ""}])
def test_what_says_nothing_publishes_nothing(event, desk, address, sent):
    make_photo(event, published=False)
    assert desk.post(address, sent).status_code == (302 if sent else 400)
    assert Photo.objects.filter(published=False).exists()


@pytest.mark.parametrize(
    ("action", "fields", "line"),
    [
        ("publish_chosen", {"published": True}, "Published photos (1)"),
        ("add_highlight", {"highlight": True}, "Marked photos as highlights (1)"),
    ],
)
def test_ticked_photos_of_the_list_are_changed(event, desk, action, fields, line):
    photo, _other = (make_photo(event, published=False) for _ in range(2))
    data = {"action": action, "_selected_action": [photo.pk]}
    desk.post(reverse("admin:photos_photo_changelist"), data)
    assert list(Photo.objects.filter(**fields)) == [photo]
    assert log_of(event)[0] == line


@pytest.mark.parametrize("role", ["photographer", "rival"])
def test_others_neither_read_nor_publish(event, address, as_user, rival_organizer, role, guest):
    event.memberships.filter(user=guest).update(role="photographer")
    client = as_user(rival_organizer if role == "rival" else guest)
    make_photo(event, published=False)
    assert client.get(address).status_code == 404
    assert client.post(address, {"publish": "1"}).status_code == 404


def form_of(desk, event):
    page = desk.get(reverse("admin:events_event_change", args=[event.pk]))
    form = page.context["adminform"].form
    values = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    split = {name: values.pop(name) for name in ("join_until", "general_from") if name in values}
    assert not split
    return {name: "" if value is None else value for name, value in values.items()}


def test_from_a_moment_on_asks_for_the_moment_at_its_field(event, desk):
    address = reverse("admin:events_event_change", args=[event.pk])
    data = form_of(desk, event) | {"general": "from"}
    answer = desk.post(address, data)
    errors = answer.context["adminform"].form.errors
    assert errors == {"general_from": ["Please say from when on guests see all photos."]}
    data |= {"general_from_0": "2026-11-28", "general_from_1": "19:00"}
    assert desk.post(address, data).status_code == 302
    saved = Event.objects.get(pk=event.pk)
    assert saved.general == "from"
    assert saved.general_from.astimezone(saved.zone).hour == 19
    assert "Guests see" in log_of(event)[0]
