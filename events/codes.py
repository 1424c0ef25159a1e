"""Join codes: short enough to type from a poster, too many to guess."""

import secrets

# Without 0/O, 1/I/L, so that nothing is read wrongly from paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 8


def new_join_code() -> str:
    """A random code of 8 characters of 31: 8.5e11 possibilities."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalize_join_code(typed: str) -> str:
    """What a person typed, without spaces and hyphens, in capitals."""
    return "".join(typed.split()).replace("-", "").upper()


def new_live_code() -> str:
    """The secret of a slideshow's link: 192 random bits. It is opened, never typed."""
    return secrets.token_urlsafe(24)
