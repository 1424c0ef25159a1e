"""Names hold no line breaks of letters, and turn nothing around."""

import pytest

from findme.text import as_typed, lines, names, one_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Gina\r\nBcc: all@example.com", "Gina Bcc: all@example.com"),
        ("a\x00b\x1bc\x9fd", "abcd"),
        ("a\x85b\u2028c\u2029d", "a b c d"),
        ("\u202efdp.exe\u202c \u2066x\u2069", "fdp.exe x"),
        ("half \ud83d\udc4d"[:6], "half"),
        ("  Zoë   O’Neill ", "Zoë O’Neill"),
        ("👩\u200d❤\ufe0f\u200d👩 نا\u200cمه", "👩\u200d❤\ufe0f\u200d👩 نا\u200cمه"),
        ("\u200b\u200d", ""),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(typed, kept):
    assert one_line(typed) == kept


@pytest.mark.parametrize("typed", ["l'été", "L’ÉTÉ ", "l‘e\u0301te\u0301", "l´été", "ｌ＇été"])
def test_what_is_typed_is_compared_as_keyboards_have_it(typed):
    assert as_typed(typed) == as_typed("L’été")


@pytest.mark.parametrize("typed", ["lété", "l'ete", "l été", "l-été"])
def test_other_signs_are_another_text(typed):
    assert as_typed(typed) != as_typed("L’été")


def test_a_text_keeps_its_lines():
    assert lines("\r\nCome  in.\r\n\r\nBring\u202e shoes.\u2028Now.\n") == (
        "Come in.\n\nBring shoes.\nNow."
    )


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("To: A@Gmail.co\n", True),
        ("Gina <a@gmail.co>", True),
        ("row contains (7, a@gmail.co).", True),
        ("It went to a@gmail.co.", True),
        ("anna@gmail.com", False),
        ("anna@gmail.co", False),
        ("x.a@gmail.co", False),
        ("x+a@gmail.co", False),
        ("a@gmail.com", False),
        ("a@gmail.co.uk", False),
        ("a@gmail.co-op", False),
        ("a@gmailxco", False),
    ],
)
def test_an_address_is_no_part_of_a_longer_one(text, is_named):
    assert names(text, "a@gmail.co") == is_named
