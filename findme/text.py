"""What people type, without what is no text: control characters, and what turns others around; and
whether an address stands in a text.

A name with a line break forges a line of a letter; one with U+202E shows what stands after it
backwards.
"""

from __future__ import annotations

import re
import unicodedata

# Signs without a shape of their own that scripts and emoji need: joiners, marks of direction that
# end with the word, and the letters of flags.
KEPT = frozenset("\u200c\u200d\u200e\u200f\u061c") | frozenset(map(chr, range(0xE0020, 0xE0080)))
# Controls, formats and halves of characters (Unicode, table 12 of chapter 4).
DROPPED = frozenset(["Cc", "Cf", "Cs"])
# Apostrophes, quotation marks and dashes of print, and what people type for them.
ON_KEYBOARDS = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)


def one_line(text: str) -> str:
    """On one line, with single spaces. Empty where nothing could be seen of it."""
    line = " ".join("".join(filter(_is_text, text)).split())
    return line if any(sign not in KEPT for sign in line) else ""


def lines(text: str) -> str:
    """The same of each line: breaks, and empty lines between, stay."""
    return "\n".join(map(one_line, text.splitlines())).strip("\n")


def as_typed(text: str) -> str:
    """For comparing what people type with what was set: without case, with single spaces, and with
    the quotation marks, apostrophes and dashes that keyboards have."""
    # Before: of some of these signs the norm makes a space and an accent.
    folded = unicodedata.normalize("NFKC", text.translate(ON_KEYBOARDS)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def names(text: str, address: str) -> bool:
    """Whether an e-mail address stands in a text, not as a part of a longer one."""
    whole = rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)"  # a sentence may end with it
    return re.search(whole, text, re.IGNORECASE) is not None


def _is_text(sign: str) -> bool:
    return sign.isspace() or sign in KEPT or unicodedata.category(sign) not in DROPPED
