"""How often is how often: counted exactly, for those who share an address and for each alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from findme import limits

pytestmark = pytest.mark.django_db
SHARED, ALONE = "new_account", "mail"


@pytest.fixture(autouse=True)
def _fresh(db):
    cache.clear()


@pytest.mark.parametrize(("name", "rate"), [(SHARED, "2/h/ip+key"), (ALONE, "2/h/key")])
@pytest.mark.parametrize("method", ["get", "post"])
def test_so_many_are_allowed_of_each_key_whatever_the_method(rf, limited, name, rate, method):
    limited(**{name: rate})
    request = getattr(rf, method)("/")
    assert [limits.consume(request, name, key="a") for _ in range(3)] == [True, True, False]
    assert limits.may(request, name, key="b")
    assert limits.may(request, name, key="b")
    assert limits.consume(request, name, key="b")
    assert not limits.may(request, name, key="a")


@pytest.mark.parametrize(("name", "rate"), [(SHARED, "1/h/ip+key"), (ALONE, "1/h/key")])
def test_after_its_time_it_is_allowed_again(rf, limited, name, rate):
    limited(**{name: rate})
    assert limits.consume(rf.post("/"), name, key="a")
    for minutes, is_allowed in [(59, False), (61, True)]:
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
            assert limits.consume(rf.post("/"), name, key="a") == is_allowed


def test_each_rate_of_a_limit_holds(rf, limited):
    limited(**{SHARED: "9/10s/ip,2/h/key"})
    answers = [
        limits.consume(rf.post("/", REMOTE_ADDR=f"192.0.2.{n}"), SHARED, key="a") for n in range(3)
    ]
    assert answers == [True, True, False]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_customer_of_ipv6_is_one_address(rf, one, other, is_same):
    first, second = (limits.address_of(rf.get("/", REMOTE_ADDR=ip)) for ip in (one, other))
    assert (first == second) == is_same


@pytest.mark.django_db(transaction=True)
def test_a_crowd_behind_one_address_is_counted_exactly_and_nobody_waits(rf, limited, monkeypatch):
    limited(**{SHARED: "20/h/ip+key"})
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("waits"))

    def join(_: int) -> bool:
        try:
            return limits.consume(rf.post("/"), SHARED, key="a")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(join, range(30))) == 20


def test_whoever_asks_too_often_is_told_in_words_and_when_to_come_back(client, limited):
    limited(wrong_code="1/m/ip")
    client.post("/join/", {"code": "WRONG222"})
    for kind in ("text/html", "application/json"):
        answer = client.post("/join/", {"code": "WRONG222"}, headers={"accept": kind})
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert answer["Content-Type"].startswith(kind)
