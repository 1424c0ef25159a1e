"""What recognition will cost, and has cost."""

import pytest
from django.urls import reverse

from events.models import Event
from faces.desk import costs, storage
from faces.desk.storage import Storage
from faces.models import RemoteCalls
from photos.models import Photo
from tests.builders import make_event, make_photo

EVERYONE, GUESTS_ONLY = Event.Indexing.EVERYONE, Event.Indexing.GUESTS_ONLY


@pytest.mark.parametrize(
    ("photos", "selfies", "indexing", "calls"),
    [
        (100, 3, EVERYONE, 112),
        (10_000, 2_000, EVERYONE, 18_000),
        (100, 3, GUESTS_ONLY, 866),
        (1, 3, EVERYONE, 10),
        (100, 0, GUESTS_ONLY, 0),
        (0, 0, EVERYONE, 0),
    ],
)
def test_a_forecast_counts_calls(photos, selfies, indexing, calls):
    forecast = costs.forecast(photos=photos, selfies=selfies, indexing=indexing)
    assert forecast.calls == calls


@pytest.mark.parametrize(("anchors", "calls"), [(0, 106), (1, 109), (2, 112), (5, 121)])
def test_a_forecast_counts_anchors(settings, anchors, calls):
    settings.REKOGNITION_ANCHORS = anchors
    assert costs.forecast(photos=100, selfies=3, indexing=EVERYONE).calls == calls


def test_anchors_are_of_guests_not_of_selfies():
    forecast = costs.forecast(photos=100, selfies=5, guests=1, indexing=EVERYONE)
    assert forecast.calls == 100 + 2 * 5 + 2


def test_a_forecast_says_dollars_and_minutes(settings):
    settings.REKOGNITION_CALLS_PER_SECOND = 5
    settings.REKOGNITION_PRICES = {"IndexFaces": 0.002}
    forecast = costs.forecast(photos=600, selfies=0, indexing=EVERYONE)
    assert (forecast.dollars, forecast.minutes) == (1.2, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "calls"), [("local", 0), ("third", 0), ("rekognition", 1)])
def test_indexing_anew_costs_where_the_index_is_remote(event, third_index, kind, calls):
    make_photo(event)
    assert costs.of_reindex(event, kind).calls == calls


@pytest.mark.django_db
@pytest.mark.rekognition
def test_the_events_page_forecasts_and_then_says_what_was_spent(
    event, organizer, as_user, rekognition
):
    address = reverse("admin:events_event_change", args=[event.pk])
    page = as_user(organizer).get(address).content.decode()
    assert "1,400" in page
    assert "Faces are recognized by Amazon Rekognition, which charges for each call." in page
    RemoteCalls.objects.create(event=event, operation="IndexFaces", day="2026-06-20", count=1234)
    page = as_user(organizer).get(address).content.decode()
    assert "IndexFaces" in page
    assert "1.23" in page


@pytest.mark.django_db
def test_where_recognition_is_free_the_events_page_says_nothing_of_costs(event, organizer, as_user):
    page = as_user(organizer).get(reverse("admin:events_event_change", args=[event.pk]))
    assert "Rekognition" not in page.content.decode()


@pytest.mark.django_db
def test_a_forecast_for_other_numbers(event, organizer, as_user):
    address = reverse("admin:events_event_costs", args=[event.pk])
    answer = as_user(organizer).get(address, {"photos": "2000", "guests": "100"})
    assert answer.status_code == 200
    assert "2,400" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"photos": "-1"}, "photos"),
        ({"photos": "x"}, "photos"),
        ({"guests": "1000001"}, "guests"),
        ({"guests": ""}, "guests"),
    ],
)
def test_of_wrong_numbers_there_is_no_forecast(event, organizer, as_user, wrong, field):
    RemoteCalls.objects.create(event=event, operation="IndexFaces", day="2026-06-20", count=1234)
    address = reverse("admin:events_event_costs", args=[event.pk])
    answer = as_user(organizer).get(address, {"photos": "2000", "guests": "100"} | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in page
    assert "Minutes at your quota" not in page
    assert "IndexFaces" in page  # what was spent does not depend on what is asked


GB = 2**30


@pytest.mark.parametrize(
    ("price", "in_bucket", "dollars"),
    [(None, 0, None), (None, 4 * GB, 0.092), (0.1, 0, 1.2), (0.1, 4 * GB, 1.2), (0.0, 0, 0.0)],
)
def test_room_has_a_price_in_a_bucket_or_where_it_is_named(settings, price, in_bucket, dollars):
    settings.STORAGE_DOLLARS_PER_GB = price
    taken = Storage(photos=3, originals=10 * GB, smaller=2 * GB, in_bucket=in_bucket)
    assert taken.dollars == pytest.approx(dollars)


@pytest.mark.django_db
def test_room_is_of_all_pictures_of_the_event_in_one_query(event, django_assert_num_queries):
    for size in (1000, 2000):
        make_photo(event, byte_size=size, preview_data=b"1" * 100, medium_data=b"1" * 10)
    make_photo(make_event())
    own = {"preview_data": None, "medium_data": None, "thumbnail_data": None}
    make_photo(
        event, original=None, store="s3", folder="x/1", byte_size=5000, preview_size=500, **own
    )
    thumbnails = sum(len(photo.thumbnail_data or b"") for photo in Photo.objects.in_event(event))
    with django_assert_num_queries(1):
        taken = storage.of_event(event)
    assert (taken.photos, taken.originals) == (3, 8000)
    assert taken.smaller == 220 + thumbnails + 600
    assert taken.in_bucket == 5600


@pytest.mark.django_db
def test_the_events_page_says_what_its_photos_take(event, organizer, as_user, settings):
    make_photo(event, byte_size=12 * 10**9)
    client, names = as_user(organizer), ("change", "costs")
    pages = [reverse(f"admin:events_event_{name}", args=[event.pk]) for name in names]
    for page in pages:
        text = client.get(page).content.decode()
        assert "12.0\xa0GB in 1 photo" in text
        assert "$ a month" not in text
    settings.STORAGE_DOLLARS_PER_GB = 0.023
    for page in pages:
        assert "about 0.26 $ a month" in client.get(page).content.decode()
