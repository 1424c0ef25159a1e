"""Names of an archive's entries where it does not say how they are written.

UTF-8 if they are; else the code page of the computer that packed them, which is the one that makes
words of all of them. The uploader's script (static/photos/intake/upload/zip-names.js) goes by the
same rules, since a name decides which photo of a drop is which.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

# DOS and Windows, whose own packer writes names as their consoles do (APPNOTE 4.4.2).
DOS_HOSTS = frozenset([0, 10, 14])
CONSOLES, DESKTOPS = ("cp850", "cp437"), ("cp1252",)
OTHERS = ("cp932", "cp866", "cp1251", "gbk", "big5", "cp949")
STANDARD = "cp437"
# Besides letters, what file names have beyond ASCII.
SIGNS = frozenset("’‘“”„–—…«»°ºª©®€·、。・「」『』【】（）ー々")
WORD = re.compile(r"[^\W\d_]+")
# Letters, digits and signs of ASCII as wide as Japanese ones are no words of any language.
FULL_WIDTH = re.compile(r"[！-～]")
SCRIPTS = {
    "LATIN": "Latin",
    "CYRILLIC": "Cyrillic",
    "CJK": "Han",
    "IDEOGRAPHIC": "Han",  # 々, which repeats the sign before it
    "HIRAGANA": "Han",
    "KATAKANA": "Han",
    "KATAKANA-HIRAGANA": "Han",  # ー, which makes the one before it long
    "HANGUL": "Hangul",
}
# No language of ours has three accented letters in a row; Cyrillic misread as Latin has.
MOST_ACCENTS = 2
UNICODE_PATH = 0x7075


@dataclass(frozen=True)
class Name:
    """As an archive has it. `host`: the kind of computer that packed it; `extra`: the entry's
    further fields (APPNOTE 4.5)."""

    raw: bytes
    host: int
    extra: bytes = b""


def decoded(names: Sequence[Name]) -> list[str]:
    """In text, composed, with `/` between folders."""
    unsaid = [name for name in names if _in_unicode(name) is None]
    pages = {is_dos: _page(unsaid, is_dos=is_dos) for is_dos in (True, False)}
    found = []
    for name in names:
        text = _in_unicode(name)
        if text is None:
            page = pages[name.host in DOS_HOSTS]
            text = _read(name.raw, page) or name.raw.decode(STANDARD)
        found.append(unicodedata.normalize("NFC", text).replace("\\", "/"))
    return found


def _in_unicode(name: Name) -> str | None:
    """None where it is not."""
    return _said_beside(name) or _read(name.raw, "utf-8")


def _said_beside(name: Name) -> str | None:
    """The name in the field that Info-ZIP has for it, as long as it is of this name."""
    at, extra = 0, name.extra
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + size]
        if kind == UNICODE_PATH and body[1:5] == zlib.crc32(name.raw).to_bytes(4, "little"):
            return _read(body[5:], "utf-8")
        at += 4 + size
    return None


def _page(names: Sequence[Name], *, is_dos: bool) -> str:
    """The code page in which the most of them are words; the first of these."""
    raws = [name.raw for name in names if (name.host in DOS_HOSTS) == is_dos]
    likely = (*CONSOLES, *DESKTOPS) if is_dos else (*DESKTOPS, *CONSOLES)

    def words(page: str) -> int:
        return sum(_is_likely(_read(raw, page)) for raw in raws)

    return max((*likely, *OTHERS), key=words) if raws else STANDARD


def _read(raw: bytes, page: str) -> str | None:
    try:
        return raw.decode(page)
    except UnicodeDecodeError:
        return None


def _is_likely(text: str | None) -> bool:
    if text is None:
        return False
    text = FULL_WIDTH.sub("", text)
    beyond = [sign for sign in text if not sign.isascii() and sign not in SIGNS]
    return all(map(_script, beyond)) and all(map(_is_word, WORD.findall(text)))


def _is_word(word: str) -> bool:
    scripts = [_script(letter) for letter in word]
    if len(set(scripts)) > 1:
        return False
    accents = 0
    for before, letter in zip(f" {word}", word, strict=False):
        accents = 0 if letter.isascii() else accents + 1
        if scripts[0] == "Latin" and accents > MOST_ACCENTS:
            return False
        # Names begin with a capital, and go on with small letters.
        is_odd = before.islower() and letter.isupper()
        if is_odd and not (before.isascii() and letter.isascii()):
            return False
    return True


def _script(letter: str) -> str:
    """Empty where it is no letter of a language whose names we read."""
    if unicodedata.category(letter)[0] not in "LM":
        return ""
    return SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "")
