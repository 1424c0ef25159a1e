"""What is said of a database server before anything is tried."""

from dataclasses import replace

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from findme import checks
from findme.running import server_needs
from findme.running.server_needs import Facts

FIT = Facts(
    major=17,
    encoding="UTF8",
    installed=None,
    available="0.8.0",
    has_tables=False,
    may_create_tables=True,
    role="findme",
    database="photos",
)


def test_a_fit_server_has_no_problem():
    assert list(server_needs.problems(FIT)) == []
    used = replace(FIT, installed="0.7.0", available=None, may_create_extension=False)
    assert list(server_needs.problems(used)) == []
    used = replace(FIT, has_tables=True, may_create_tables=False)  # another role migrates
    assert list(server_needs.problems(used)) == []


@pytest.mark.parametrize(
    ("changed", "number", "said"),
    [
        ({"major": 14}, 11, "Use a server of PostgreSQL 15 to 18."),
        ({"encoding": "LATIN1"}, 13, "CREATE DATABASE photos ENCODING 'UTF8' TEMPLATE template0;"),
        ({"available": None}, 12, "lacks pgvector"),
        ({"available": "0.6.2"}, 12, "has pgvector 0.6.2: FindMe needs 0.7 or newer"),
        ({"installed": "0.6.2"}, 12, "ALTER EXTENSION vector UPDATE;"),
        ({"may_create_extension": False}, 12, "CREATE EXTENSION vector;"),
        ({"may_create_tables": False}, 14, "GRANT CREATE, USAGE ON SCHEMA public TO findme;"),
    ],
)
def test_what_is_missing_is_an_error_that_says_what_to_do(changed, number, said):
    (problem,) = server_needs.problems(replace(FIT, **changed))
    assert (problem.number, problem.serious) == (number, True)
    assert said in f"{problem.text} {problem.hint}"


def test_a_newer_server_is_only_warned_of(monkeypatch):
    facts = replace(FIT, major=19)
    monkeypatch.setattr(server_needs, "facts_of", lambda connection: facts)
    (found,) = checks.server_has_what_is_needed(databases=["default"])
    assert (found.id, found.is_serious()) == ("findme.W011", False)


@pytest.mark.django_db
def test_the_database_is_looked_at_where_it_is_named():
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
    assert server_needs.facts_of(connection).installed is not None


@pytest.mark.django_db
def test_a_role_without_rights_gets_the_sentences_for_its_administrator():
    """In a schema without our tables or the extension."""
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION vector CASCADE; CREATE ROLE poor; CREATE SCHEMA poor")
        cursor.execute("SET LOCAL search_path TO poor; SET LOCAL ROLE poor")
        facts = server_needs.facts_of(connection)
        cursor.execute("RESET ROLE; SET LOCAL search_path TO public")
    said = [problem.hint for problem in server_needs.problems(facts)]
    assert ["CREATE EXTENSION vector;" in said[0], "TO poor;" in said[1]] == [True, True]
