"""Join codes: short enough to type from a poster, too many to guess."""

import re
import secrets
import unicodedata
from urllib.parse import unquote

# Without 0/O, 1/I/L, so that nothing is read wrongly from paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 8
# What follows in a link is its code.
LINK = re.compile(r"/join/+([^\s/?#]+)", re.IGNORECASE)


def new_join_code() -> str:
    """A random code of 8 characters of 31: 8.5e11 possibilities."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalize_join_code(typed: str) -> str:
    """What a person typed or pasted, in capitals: letters and digits alone, whatever shape they
    have, and so without spaces, hyphens and dots, also those that nobody sees."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", typed))).upper()


def join_code_in(pasted: str) -> str:
    """The same of a whole link, with any text around it."""
    link = LINK.search(pasted)
    return normalize_join_code(unquote(link[1]) if link else pasted)


class UntidyCode:
    """A code in a link, with slashes, brackets and dots of the text around it."""

    regex = r"/*[^/]+/?\W*"

    def to_python(self, value: str) -> str:
        return normalize_join_code(value)

    def to_url(self, value: str) -> str:
        return value


def new_live_code() -> str:
    """The secret of a slideshow's link: 192 random bits. It is opened, never typed."""
    return secrets.token_urlsafe(24)
