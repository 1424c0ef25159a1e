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


def one_line(text: str) -> str:
    """On one line, with single spaces. Empty where nothing could be seen of it."""
    line = " ".join("".join(filter(_is_text, text)).split())
    return line if any(sign not in KEPT for sign in line) else ""


def lines(text: str) -> str:
    """The same of each line: breaks, and empty lines between, stay."""
    return "\n".join(map(one_line, text.splitlines())).strip("\n")


def names(text: str, address: str) -> bool:
    """Whether an e-mail address stands in a text, not as a part of a longer one."""
    whole = rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)"  # a sentence may end with it
    return re.search(whole, text, re.IGNORECASE) is not None


def _is_text(sign: str) -> bool:
    return sign.isspace() or sign in KEPT or unicodedata.category(sign) not in DROPPED
