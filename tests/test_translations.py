"""French is complete. English is the source."""

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def french():
    return polib.pofile(str(ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"))


def test_no_string_is_missing_or_uncertain(french):
    assert [entry.msgid for entry in french.untranslated_entries()] == []
    assert [entry.msgid for entry in french.fuzzy_entries()] == []
    assert not french.metadata_is_fuzzy  # such a file is not compiled at all


def test_variables_are_kept(french):
    variables = re.compile(r"%\(\w+\)[sd]")
    for entry in french:
        translations = [entry.msgstr, *entry.msgstr_plural.values()]
        wanted = set(variables.findall(entry.msgid + (entry.msgid_plural or "")))
        found = set().union(*(variables.findall(text) for text in translations))
        assert found <= wanted, entry.msgid
        assert found or not wanted, entry.msgid
