"""How much space is left, and who is told when it is little."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from findme import space

MUCH = 2**60
SCARCE, FULL = "524\N{NO-BREAK SPACE}ko", "aucune nouvelle photo n’est acceptée"


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch):
    """What tables of earlier tests have left free to be written again would count as free."""
    monkeypatch.setattr(space, "_size", space._DatabaseSize())
    monkeypatch.setattr(space, "_reusable", [])


def reserve(settings, byte_count, free):
    """A disk of the database that has so much free, of which so much is kept."""
    settings.STORE_RESERVE_BYTES, settings.DATABASE_FOLDER = byte_count, ""
    settings.DATABASE_MAX_BYTES = space._size.now() + free


@pytest.mark.django_db
def test_the_reserve_is_not_taken(settings):
    reserve(settings, 2**20, free=3 * 2**20)
    assert space.takes(2**21)
    assert not space.takes(1)


@pytest.mark.django_db
def test_what_tables_can_write_again_counts_as_free(settings, monkeypatch):
    monkeypatch.setattr(space, "_reusable", [lambda: 2**20, lambda: 2**19])
    reserve(settings, 2**20, free=2**19)
    (size, _) = space.spaces()
    assert size.left == 2**20
    assert space.takes(2**20)


def test_what_can_be_written_again_counts_while_half_of_the_reserve_is_free():
    assert space.Space("", free=80, reserve=100, reusable=500).takes(30)
    assert not space.Space("", free=80, reserve=100, reusable=500).takes(31)
    assert not space.Space("", free=80, reserve=100, reusable=20).takes(21)
    assert not space.Space("", free=50, reserve=100, reusable=500).takes(0)


@pytest.mark.django_db
def test_the_size_is_asked_once_in_a_while(settings, django_assert_num_queries):
    settings.DATABASE_MAX_BYTES = MUCH
    with django_assert_num_queries(1):
        assert all(space.takes(1) for _ in range(20))


def test_a_disk_is_looked_at_each_time_and_a_folder_that_is_gone_says_nothing(settings, tmp_path):
    settings.DATABASE_FOLDER = str(tmp_path)
    assert next(each.place for each in space.spaces()) == f"database in {tmp_path}"
    settings.DATABASE_FOLDER = str(tmp_path / "gone")
    assert len(space.spaces()) == 1


def test_a_small_disk_for_temporary_files_is_no_reason_to_take_nothing(settings):
    settings.STORE_RESERVE_BYTES, settings.DATABASE_FOLDER = MUCH, ""
    (temporary,) = space.spaces()
    assert temporary.reserve < MUCH


def test_without_a_reserve_nothing_is_looked_at(settings):
    settings.STORE_RESERVE_BYTES = 0
    assert space.spaces() == []
    assert space.takes(MUCH)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("free", "words"),
    [
        (5 * 2**20, ""),
        (3 * 2**19, SCARCE),
        (0, FULL),
    ],
    ids=["enough", "little", "none"],
)
def test_the_desk_says_when_it_is_little(settings, event, organizer, as_user, free, words):
    reserve(settings, 2**20, free=free)
    client = as_user(organizer)
    for address in (reverse("admin:index"), reverse("admin:photos_photo_upload", args=[event.pk])):
        page = client.get(address, headers={"accept-language": "fr"}).content.decode()
        assert [each for each in (SCARCE, FULL) if each in page] == ([words] if words else [])


@pytest.mark.django_db
def test_doctor_says_when_it_is_little(settings, capsys):
    reserve(settings, 2**30, free=2**30)
    with pytest.raises(CommandError):
        call_command("doctor")
    said = "WRONG space for database, of DATABASE_MAX_BYTES: 1.0 GB free, of which 1.0 GB are kept"
    assert said in capsys.readouterr().out
