"""Every address, by everybody, with every method: who gets in, and who does not.

A new address fails here until it stands in `addresses.WHOSE`, which takes a word.
"""

from __future__ import annotations

import pytest

from tests.trust import addresses
from tests.trust.cast import ROLES, ask, fill, forms, make_world, patterns, rows

pytestmark = pytest.mark.django_db

USUAL = ("GET", "POST")
OTHERS = ("HEAD", "PUT", "DELETE", "OPTIONS")
# Who asks with these too, one of each kind: to look at every page six times takes long.
ASK_WITH_ALL = ("anonymous", "stranger", "guest", "unproven organizer", "rival organizer")


def test_every_address_is_said_to_be_somebodys():
    named = [name for names in addresses.WHOSE.values() for name in names.split()]
    assert set(patterns()) - set(named) == set()
    assert set(named) - set(patterns()) == set()
    assert len(named) == len(set(named))


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_in(role):
    world = make_world()
    values, sent = rows(world), forms(world)
    client = ROLES[role](world)
    methods = USUAL + OTHERS if role in ASK_WITH_ALL else USUAL
    wrong = set()
    for name, answers in addresses.by_name().items():
        address = fill(name, patterns()[name], values)
        right = answers[role].split()
        found = {method: ask(client, method, address, sent.get(name, {})) for method in methods}
        wrong |= {(name, *one) for one in found.items() if one[1] not in (*right, "405")}
        if not {found["GET"], found["POST"]} & set(right):
            wrong.add((name, "neither", f"is {answers[role]}"))
    assert wrong == set()


def test_no_list_filter_or_search_names_a_rivals_event():
    world = make_world()
    values, client = rows(world), ROLES["rival organizer"](world)
    event = world.event
    found = set()
    for name in addresses.WHOSE["desks"].split():
        address = fill(name, patterns()[name], values)
        for query in ("", f"?event__id__exact={event.pk}", f"?q={event.slug[:5]}", "?s=event"):
            page = client.get(address + query).content.decode()
            found |= {(name, query) for text in (event.name, event.join_code) if text in page}
    assert found == set()
