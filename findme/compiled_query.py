"""Queries that come with every request, compiled to SQL once a process instead of each time.

Django takes about three times as long to build and compile a query as PostgreSQL to answer one by
key; a gallery page brings some hundred requests of three such queries each. See decision 14.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
Value = int | str | datetime

# What stands for an argument while its query is compiled: nothing that a query says of itself.
NUMBER_STAND_INS = (-7_305_001, -7_305_002, -7_305_003, -7_305_004)
STAND_INS: dict[type[Value], Sequence[Value]] = {
    int: NUMBER_STAND_INS,
    str: [f"\N{REPLACEMENT CHARACTER}{number}" for number in NUMBER_STAND_INS],
    datetime: [datetime(1, 1, 2, tzinfo=UTC).replace(second=n) for n in range(4)],
}


@dataclass(frozen=True)
class Statement(Generic[Row]):
    """`parameters`: for each of the SQL's the number of the argument, or else the value itself."""

    sql: str
    parameters: Sequence[tuple[int | None, Any]]
    model: type[Row]
    columns: Sequence[str]
    convert: Callable[[Any], Any]


class CompiledQuery(Generic[Row]):
    """Rows of a model by a few numbers, texts and times.

    `build` makes the queryset; it is called once, with stand-ins, so what it asks must not depend
    on the values. Plain rows only: no annotations, no `select_related`.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *kinds: type[Value]) -> None:
        """`kinds`: the type of each argument."""
        self.build = build
        self.kinds = kinds

    def first(self, *values: Value) -> Row | None:
        """One query. Raises TypeError where a value is of another type than was announced."""
        return next(iter(self._rows(self._first, values)), None)

    def all(self, *values: Value) -> list[Row]:
        """The same of all rows, in their order."""
        return self._rows(self._all, values)

    def _rows(self, statement: Statement[Row], values: Sequence[Value]) -> list[Row]:
        for value, kind in zip(values, self.kinds, strict=True):
            if not isinstance(value, kind):
                raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
        parameters = [fixed if n is None else values[n] for n, fixed in statement.parameters]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, parameters)
            found = cursor.fetchall()
        make, columns = statement.model.from_db, statement.columns
        return [make(connection.alias, columns, statement.convert(row)) for row in found]

    @cached_property
    def _first(self) -> Statement[Row]:
        return self._compiled(lambda rows: rows[:1])

    @cached_property
    def _all(self) -> Statement[Row]:
        return self._compiled(lambda rows: rows)

    def _compiled(self, part: Callable[[QuerySet[Row]], QuerySet[Row]]) -> Statement[Row]:
        stand_ins = [STAND_INS[kind][n] for n, kind in enumerate(self.kinds)]
        queryset = part(self.build(*stand_ins))
        compiler = queryset.query.get_compiler(connection.alias)
        sql, given = compiler.as_sql()
        parameters = [
            (stand_ins.index(one), None) if one in stand_ins else (None, one) for one in given
        ]
        if {n for n, _ in parameters} - {None} != set(range(len(stand_ins))):
            raise ValueError(f"not every argument is a parameter of: {sql}")
        targets = [column for column, _, _ in compiler.select]
        if compiler.annotation_col_map or compiler.klass_info.get("related_klass_infos"):
            raise ValueError(f"more than plain rows: {sql}")
        converters = compiler.get_converters(targets)

        def convert(row: Any) -> Any:
            return next(iter(compiler.apply_converters([row], converters))) if converters else row

        columns = [column.target.attname for column in targets]
        return Statement(sql, parameters, queryset.model, columns, convert)
