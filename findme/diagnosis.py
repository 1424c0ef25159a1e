"""What `manage.py doctor` looks at. Each room registers what only it knows.

A part says how something of the installation is. A rule is something that must always hold of the
rows: it knows which rows break it, what that means, and, where it can be mended, how.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import QuerySet

logger = logging.getLogger(__name__)

EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """One line of what was found. A warning mends itself, or is somebody's to decide; `mended` says
    what was done. Examples are ids: never names or addresses."""

    text: str
    wrong: bool = False
    code: str = ""
    count: int = 0
    examples: tuple[str, ...] = ()
    warning: bool = False
    mended: bool = False

    @property
    def severity(self) -> str:
        if self.mended:
            return "mended"
        return "wrong" if self.wrong else "warning" if self.warning else "ok"


@dataclass(frozen=True)
class Broken:
    """How many rows break a rule, and the first of them."""

    count: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What must always hold.

    `means` says what is wrong with the rows that `look` finds, `advice` what to do; `repair`
    returns how many it mended, and `mended` says what it did. A repair is safe beside running
    workers, and does nothing where there is nothing to mend: each is asked once more what is left.
    """

    code: str
    means: str
    advice: str
    look: Callable[[], Broken]
    repair: Callable[[], int] | None = None
    mended: str = ""
    is_warning: bool = False


Part = Callable[[], Iterator[Finding]]
_parts: list[Part] = []
_parts_of_rows: list[Part] = []
_rules: dict[str, Rule] = {}


def register(part: Part) -> Part:
    """Have `doctor` print what this part finds, after its own."""
    _parts.append(part)
    return part


def register_of_rows(part: Part) -> Part:
    """The same for a part that cannot say anything without the database."""
    _parts_of_rows.append(part)
    return part


def parts(*, of_rows: bool = False) -> tuple[Part, ...]:
    return tuple(_parts_of_rows if of_rows else _parts)


def register_rules(*rules: Rule) -> None:
    """Have `doctor` look whether these hold, in the order in which they are registered."""
    for rule in rules:
        if rule.code in _rules:
            raise ValueError(f"Two rules are called {rule.code}.")
        _rules[rule.code] = rule


def rules() -> tuple[Rule, ...]:
    return tuple(_rules.values())


def broken(*found: QuerySet[Any]) -> Broken:
    """What these querysets find. One query each where that is nothing."""
    count = sum(rows.order_by().count() for rows in found)
    if not count:
        return Broken()
    named = chain.from_iterable(
        (f"{rows.model._meta.model_name} {pk}" for pk in _first(rows)) for rows in found
    )
    return Broken(count, tuple(named)[:EXAMPLES])


def examine(rule: Rule, *, repair: bool = False) -> Iterator[Finding]:
    """Nothing where it holds. A rule that cannot be looked at hides no other."""
    try:
        found = rule.look()
        if found.count and repair and rule.repair is not None:
            if count := rule.repair():
                logger.info("doctor_mended rule=%s count=%s", rule.code, count)
                text = f"{rule.code}: {rule.mended}: {count}"
                yield Finding(text, code=rule.code, count=count, mended=True)
            found = rule.look()
    except Exception as error:
        logger.exception("doctor_rule_failed rule=%s", rule.code)
        text = f"{rule.code}: it could not be looked at ({type(error).__name__}, see the log)"
        yield Finding(text, wrong=True, code=rule.code)
        return
    if found.count:
        yield _finding(rule, found)


def _finding(rule: Rule, found: Broken) -> Finding:
    named = f" ({', '.join(found.examples)})" if found.examples else ""
    return Finding(
        f"{rule.code}: {rule.means}: {found.count}{named}. {rule.advice}",
        wrong=not rule.is_warning,
        code=rule.code,
        count=found.count,
        examples=found.examples,
        warning=rule.is_warning,
    )


def _first(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:EXAMPLES])
