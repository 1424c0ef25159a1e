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
class Statement:
    """`parameters`: for each of the SQL's the number of the argument, or else the value itself."""

    sql: str
    parameters: Sequence[tuple[int | None, Any]]
    compiler: Any
    convert: Callable[[Any], Any]

    def rows(self, values: Sequence[Value]) -> list[Any]:
        parameters = [fixed if n is None else values[n] for n, fixed in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return [self.convert(row) for row in cursor.fetchall()]

    @cached_property
    def columns(self) -> Sequence[str]:
        """The fields of a model's plain rows. Raises ValueError where the rows are more."""
        if self.compiler.annotation_col_map or self.compiler.klass_info.get("related_klass_infos"):
            raise ValueError(f"more than plain rows: {self.sql}")
        return [column.target.attname for column, _, _ in self.compiler.select]


class Compiled(Generic[Row]):
    """A queryset by a few numbers, texts and times.

    `build` makes it; it is called once, with stand-ins, so what it asks must not depend on the
    values.
    """

    def __init__(self, build: Callable[..., QuerySet[Row, Any]], *kinds: type[Value]) -> None:
        """`kinds`: the type of each argument."""
        self.build = build
        self.kinds = kinds

    def _checked(self, values: Sequence[Value]) -> Sequence[Value]:
        """Raises TypeError where a value is of another type than was announced."""
        for value, kind in zip(values, self.kinds, strict=True):
            if not isinstance(value, kind):
                raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
        return values

    @cached_property
    def _first(self) -> Statement:
        return self._compiled(lambda rows: rows[:1])

    @cached_property
    def _all(self) -> Statement:
        return self._compiled(lambda rows: rows)

    def _compiled(self, part: Callable[[QuerySet[Row, Any]], QuerySet[Row, Any]]) -> Statement:
        stand_ins = [STAND_INS[kind][n] for n, kind in enumerate(self.kinds)]
        compiler = part(self.build(*stand_ins)).query.get_compiler(connection.alias)
        sql, given = compiler.as_sql()
        parameters = [
            (stand_ins.index(one), None) if one in stand_ins else (None, one) for one in given
        ]
        if {n for n, _ in parameters} - {None} != set(range(len(stand_ins))):
            raise ValueError(f"not every argument is a parameter of: {sql}")
        converters = compiler.get_converters([column for column, _, _ in compiler.select])

        def convert(row: Any) -> Any:
            return next(iter(compiler.apply_converters([row], converters))) if converters else row

        return Statement(sql, parameters, compiler, convert)


class CompiledQuery(Compiled[Row]):
    """Rows of a model. Plain ones only: no annotations, no `select_related`."""

    def first(self, *values: Value) -> Row | None:
        """One query. Raises TypeError where a value is of another type than was announced."""
        return next(iter(self._models(self._first, self._checked(values))), None)

    def all(self, *values: Value) -> list[Row]:
        """The same of all rows, in their order."""
        return self._models(self._all, self._checked(values))

    def _models(self, statement: Statement, values: Sequence[Value]) -> list[Row]:
        columns = statement.columns
        make: Callable[..., Row] = statement.compiler.query.model.from_db
        return [make(connection.alias, columns, row) for row in statement.rows(values)]


class CompiledValues(Compiled[Row]):
    """What `values_list` gives."""

    def first(self, *values: Value) -> tuple[Any, ...] | None:
        """One query. Raises TypeError where a value is of another type than was announced."""
        rows = self._first.rows(self._checked(values))
        return tuple(rows[0]) if rows else None
