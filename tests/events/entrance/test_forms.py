"""What guests type about themselves."""

import pytest

from events.entrance.forms import GuestForm


def typed(**fields):
    return GuestForm({"name": "Nina", "email": "nina@example.com"} | fields)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("\u202eanig", "anig"), ("Gi\u0085na", "Gi na"), ("Gina\u2028Boss\x1b", "Gina Boss")],
)
def test_names_are_one_line_of_text(name, kept):
    form = typed(name=name)
    assert form.is_valid()
    assert form.cleaned_data["name"] == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "\u200d\u202e"},
        {"name": "G\0ina"},
        {"email": '"ni\x01na"@example.com'},
        {"email": "x@Child.invalid"},
    ],
)
def test_what_is_no_text_and_no_mailbox_is_not_taken(wrong):
    assert typed(**wrong).errors.keys() == wrong.keys()
