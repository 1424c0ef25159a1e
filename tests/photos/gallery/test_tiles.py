"""A page's photos by day and hour, in the event's time."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from events.models import Event
from photos.gallery import tiles
from photos.imaging.renditions import MEDIUM_SIDE, THUMBNAIL_SIDE
from photos.layout import rows
from photos.models import Photo

event = Event(slug="party", downloads="web", starts_on=date(2026, 6, 20), ends_on=date(2026, 6, 21))


def photo(hour, minute=0, day=20, **fields):
    taken_at = datetime(2026, 6, day, hour, minute, tzinfo=UTC)
    size = {"width": 3000, "height": 2000}
    return Photo(pk=hour * 60 + minute, event=event, taken_at=taken_at, **{**size, **fields})


def days(photos, **options):
    with timezone.override(ZoneInfo("Europe/Paris")):
        return tiles.days(photos, event, gallery="general", **options)


def hour(tile):
    found = re.search('<h3 class="hour">(.*?)</h3>', tile.end)
    return found and found[1]


def test_photos_are_grouped_by_the_day_they_have_at_the_event():
    shown = days([photo(22, 30), photo(21, 30)])  # half past midnight, and half past eleven
    assert [(day.label, len(day.tiles)) for day in shown] == [
        ("Sunday 21 June", 1),
        ("Saturday 20 June", 1),
    ]


def test_the_first_photo_of_each_hour_carries_the_hour():
    (day,) = days([photo(10, 40), photo(10, 20), photo(8, 5)], with_hours=True)
    assert [hour(tile) for tile in day.tiles] == ["12:00", None, "10:00"]


def test_days_and_hours_are_said_in_the_language_of_the_page():
    with translation.override("fr"):
        (day,) = days([photo(10, 40)], with_hours=True)
    assert (day.label, hour(day.tiles[0])) == ("Samedi 20 juin", "12:00")


@pytest.mark.parametrize(
    ("language", "day", "label"),
    [
        ("en", date(2026, 6, 20), "Saturday 20 June"),
        ("en", date(2027, 1, 1), "Friday 1 January"),
        ("en", date(2025, 6, 20), "Friday 20 June 2025"),
        ("fr", date(2028, 6, 20), "mardi 20 juin 2028"),
    ],
)
def test_a_day_of_another_year_than_the_events_carries_it(language, day, label):
    new_year = Event(starts_on=date(2026, 12, 31), ends_on=date(2027, 1, 1))
    with translation.override(language):
        assert tiles.day_label(day, new_year) == label


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(3000, 2000, "r150"), (2000, 3000, "r67"), (4000, 3000, "r135"), (9000, 1000, "r300")],
)
def test_a_tile_has_the_shape_of_its_photo(width, height, shape):
    assert tiles.shape("general", width, height).name == shape


def style(name):
    from tests.conftest import ROOT

    return (ROOT / "static" / "photos" / "gallery" / name).read_text()


def test_the_style_sheet_knows_every_shape_and_none_cuts_off_much():
    known = style("shapes.css")
    for width in range(100 * tiles.NARROWEST, 100 * tiles.WIDEST, 37):
        percent = tiles.shape("general", width, 10_000).percent
        assert f".r{percent} {{ --shape: {percent / 100:g}; }}" in known
        assert percent == pytest.approx(width / 100, rel=0.03)


@pytest.mark.parametrize("gallery", tiles.FILLS)
def test_the_style_sheet_has_the_rows_that_pictures_are_chosen_for(gallery):
    ranges = style("row-fills.css").split("@media ")[1:]
    for (least, letter), rules in zip(tiles.FILLS[gallery].items(), ranges, strict=True):
        assert f"min-width: {least}rem" in rules or not least
        _, _, usual = rules.partition(f".gallery:not([data-density]) .photo-grid-{gallery}")
        assert f"--fill: {rows.FILLS[letter]};" in usual.partition("}")[0]


def sources(**fields):
    (day,) = days([photo(10, **fields)])
    found = re.search('srcset="(.*?)" sizes="(.*?)"', day.tiles[0].html)
    return found and found.groups()


@pytest.mark.parametrize(
    ("width", "height", "small", "large"),
    [
        (3000, 2000, THUMBNAIL_SIDE, MEDIUM_SIDE),
        (2000, 3000, THUMBNAIL_SIDE * 2 // 3, MEDIUM_SIDE * 2 // 3),
        (MEDIUM_SIDE - 160, 600, THUMBNAIL_SIDE, MEDIUM_SIDE - 160),
        (3000, 2, THUMBNAIL_SIDE, MEDIUM_SIDE),
    ],
)
def test_pictures_come_in_two_sizes_with_their_real_widths(width, height, small, large):
    srcset, _ = sources(width=width, height=height)
    pictures = "/e/party/photos/600"
    assert srcset == f"{pictures}/thumbnail.jpg {small}w, {pictures}/medium.jpg {large}w"


def test_there_is_no_choice_where_there_is_one_picture():
    assert sources(width=THUMBNAIL_SIDE, height=320) is None


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (
            (3000, 2000),
            "(min-width:120rem) 17.6vw,(min-width:64rem) 24.8vw,(min-width:35rem) 35.2vw,24.8vw",
        ),
        (
            (2000, 4000),
            "(min-width:120rem) 5.9vw,(min-width:64rem) 8.3vw,(min-width:35rem) 11.7vw,8.3vw",
        ),
    ],
)
def test_what_is_shown_wider_is_said_to_be(size, sizes):
    width, height = size
    assert sources(width=width, height=height)[1] == sizes


def test_only_what_is_on_the_first_screen_loads_before_its_turn():
    (day,) = days([photo(10, minute) for minute in range(10)])
    assert sum('loading="eager"' in tile.html for tile in day.tiles) == tiles.EAGER


@pytest.mark.parametrize(
    ("downloads", "address"),
    [
        ("none", None),
        ("web", "/e/party/photos/600/download"),
        ("original", "/e/party/photos/600/download"),
    ],
)
def test_a_tile_offers_the_download_that_the_organizer_allows(downloads, address):
    allowing = Event(
        slug="party", downloads=downloads, starts_on=event.starts_on, ends_on=event.ends_on
    )
    (day,) = tiles.days([photo(10)], allowing, gallery="general")
    offered = re.search('data-download="(.*?)"', day.tiles[0].html)
    assert (offered and offered[1]) == address


def test_what_is_not_ours_is_escaped():
    (day,) = tiles.days([photo(10, blurhash='"><script>')], event, gallery="general")
    assert "<script" not in day.tiles[0].html


def test_only_the_guests_own_photos_are_marked():
    (day,) = days([photo(12), photo(11)])
    own, other = tiles.printed(day.tiles, mine={720}).split("\n")
    assert 'id="photo-720"' in own
    assert ("you-badge" in own, "you-badge" in other) == (True, False)
    assert own.endswith("</li>")
    assert other.endswith("</li>")


@pytest.mark.parametrize(
    ("language", "people", "child", "called"),
    [
        ("en", 0, "", "Photo, Saturday 20 June, 14:05, you are in it"),
        ("en", 1, "", "Photo, Saturday 20 June, 14:05, you are in it, 1 person"),
        ("en", 4, "", "Photo, Saturday 20 June, 14:05, you are in it, 4 people"),
        ("en", 4, "L&a", "Photo, Saturday 20 June, 14:05, L&amp;a is in it, 4 people"),
        ("fr", 4, "", "Photo, samedi 20 juin, 14:05, vous y êtes, 4 personnes"),
        ("fr", 0, "Léa", "Photo, samedi 20 juin, 14:05, Léa y figure"),
    ],
)
def test_a_picture_is_called_by_its_moment_who_hears_it_and_how_many(
    language, people, child, called
):
    with translation.override(language):
        (day,) = days([photo(12, 5), photo(11)])
        counts = {725: people, 660: 2}
        own, other = tiles.printed(day.tiles, {725}, people=counts, child=child).split("\n")
        (all_own,) = days([photo(12, 5)])
        assert f'alt="{called}"' in own
        assert f'alt="{called}"' in tiles.printed(all_own.tiles, None, people=counts, child=child)
    assert re.search('alt="Photo, [^"]* 20 [^"]*, 13:00, 2 pe(ople|rsonnes)"', other)
