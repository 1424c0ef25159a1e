"""Why the embedded PostgreSQL does not start, in words, from what its programs said.

Standard library only, as `findme.running.embedded_postgres`.
"""

import re

# Severities of lines that say what is wrong, and of those that go on with it.
REASON = re.compile(
    r"\b(?:(?:FATAL|PANIC|ERROR|DETAIL|HINT|error): *|LOG: +(?=could not|unrecognized|invalid))(.*)"
)
MOST_REASONS = 4
# What to do about it. Of these a second attempt is no help.
ADVICE = {
    r"incompatible with server|initialized by PostgreSQL version": (
        "The data were written by another version of PostgreSQL. Install the requirements they were"
        " made with and move them by pg_dump, or name another folder: FINDME_PG_HOME."
    ),
    r"No space left on device|Disk quota exceeded": (
        "The disk is full. Make room on it, then start again: nothing was lost."
    ),
    r"not a database cluster|could not open control file|could not locate (?:required|a valid)"
    r"|invalid checkpoint|not a valid data directory|PG_VERSION": (
        "The folder is damaged, or not PostgreSQL's. Put back a copy of it, or name another:"
        " FINDME_PG_HOME."
    ),
    r"Permission denied|wrong ownership|invalid permissions|Operation not permitted"
    r"|Read-only file system": (
        "The server's account must own the folder and be able to write to it. Give it back, or name"
        " another: FINDME_PG_HOME."
    ),
    r"unrecognized configuration parameter|configuration file .* contains errors|invalid value": (
        "Correct postgresql.conf or postgresql.auto.conf in the folder data."
    ),
}
OTHERWISE = "Try again; if it stays so, server.log in that folder says more."


def reason(said: str) -> str:
    """What counts of a log, in one line; of anything else its last one."""
    found = [match[1].strip() for line in said.splitlines() if (match := REASON.search(line))]
    lines = list(dict.fromkeys(text for text in found if text))[-MOST_REASONS:]
    return "; ".join(lines) or said.strip().rpartition("\n")[2]


def advice(said: str) -> str:
    return next((text for what, text in ADVICE.items() if re.search(what, said)), OTHERWISE)


def is_lasting(said: str) -> bool:
    """Whether another attempt would end the same."""
    return advice(said) != OTHERWISE


def in_words(what: str, home: object, said: str) -> str:
    """One paragraph: what failed and where, the server's own reason, what to do."""
    why = reason(said)
    return f"{what} (in {home}){': ' + why if why else ''}\n{advice(said)}"
