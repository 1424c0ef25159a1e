"""A compiled query answers as the queryset it was made from, and refuses what it cannot be."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from events.models import Event, Membership, User
from findme.compiled_query import CompiledQuery, CompiledValues
from tests.builders import make_event

pytestmark = pytest.mark.django_db


def by_address(user_id, slug):
    return Event.objects.joined_by(User(pk=user_id)).filter(slug=slug)


def fields_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_the_row_is_the_querysets_own(guest):
    make_event(slug="other")
    event = make_event(slug="party")
    Membership.objects.create(user=guest, event=event)
    query = CompiledQuery(by_address, int, str)
    for _ in range(2):
        found = query.first(guest.pk, "party")
        assert fields_of(found) == fields_of(by_address(guest.pk, "party").get())
        assert query.first(guest.pk, "other") is None
        assert query.first(guest.pk + 1, "party") is None
    assert (found._state.adding, found._state.db) == (False, "default")


def test_it_is_compiled_once_and_asked_each_time(guest):
    built = []
    query = CompiledQuery(lambda pk: built.append(pk) or User.objects.filter(pk=pk), int)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert [query.first(guest.pk), query.first(guest.pk)] == [guest, guest]
    assert (len(built), len(queries)) == (1, 2)


def test_all_rows_come_in_their_order(guest, organizer):
    query = CompiledQuery(lambda pk: User.objects.filter(pk__gte=pk).order_by("-pk"), int)
    assert query.all(guest.pk) == list(User.objects.filter(pk__gte=guest.pk).order_by("-pk"))
    assert query.all(10**9) == []


def test_values_are_the_querysets_own(event, guest):
    def counted(pk):
        users = User.objects.filter(pk__gte=pk).order_by()
        return users.values("is_staff").annotate(n=Count("pk")).values_list("is_staff", "n")

    query = CompiledValues(counted, int)
    assert query.first(guest.pk) == next(iter(counted(guest.pk)))
    assert query.first(10**9) is None


def test_a_time_is_an_argument(event):
    query = CompiledQuery(lambda time: Event.objects.filter(created_at__lt=time), datetime)
    assert query.first(event.created_at) is None
    assert query.first(event.created_at + timedelta(seconds=1)) == event


def test_what_was_left_out_is_read_when_it_is_asked_for(guest):
    found = CompiledQuery(lambda pk: User.objects.filter(pk=pk).only("name"), int).first(guest.pk)
    assert found.get_deferred_fields() == {f.attname for f in User._meta.concrete_fields} - {
        "id",
        "name",
    }
    assert found.email == guest.email


def test_values_are_never_a_part_of_the_sql(guest):
    query = CompiledQuery(lambda name: User.objects.filter(name=name), str)
    for name in ("' OR 1=1 --", "%s", "\N{REPLACEMENT CHARACTER}-7305001"):
        assert query.first(name) is None
    assert query.first(guest.name) == guest


def test_a_value_of_another_type_is_refused():
    query = CompiledQuery(lambda pk: User.objects.filter(pk=pk), int)
    for values in (["1"], [None], [], [1, 2]):
        with pytest.raises((TypeError, ValueError)):
            query.first(*values)


@pytest.mark.parametrize(
    "build",
    [
        lambda pk: User.objects.filter(pk=1),
        lambda pk: User.objects.filter(pk=pk).annotate(n=Count("memberships")),
        lambda pk: Membership.objects.filter(pk=pk).select_related("user"),
    ],
    ids=["argument unused", "annotation", "related rows"],
)
def test_what_it_would_answer_wrongly_it_refuses_to_be(build):
    with pytest.raises(ValueError, match=r"not every argument|more than plain rows"):
        CompiledQuery(build, int).first(1)
