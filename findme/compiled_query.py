"""Queries that come with every request, compiled to SQL once a process instead of each time.

Django takes about three times as long to build and compile a query as PostgreSQL to answer one by
key; a gallery page brings some hundred requests of three such queries each. See decision 14.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
Value = int | str

# What stands for an argument while its query is compiled: nothing that a query says of itself.
NUMBER_STAND_INS = (-7_305_001, -7_305_002, -7_305_003, -7_305_004)
TEXT_STAND_INS = tuple(f"\N{REPLACEMENT CHARACTER}{number}" for number in NUMBER_STAND_INS)


@dataclass(frozen=True)
class Statement(Generic[Row]):
    """`parameters`: for each of the SQL's the number of the argument, or else the value itself."""

    sql: str
    parameters: Sequence[tuple[int | None, Any]]
    model: type[Row]
    columns: Sequence[str]
    convert: Callable[[Any], Any]


class CompiledQuery(Generic[Row]):
    """One row of a model, or none, by a few numbers and texts.

    `build` makes the queryset; it is called once, with stand-ins, so what it asks must not depend
    on the values. Plain rows only: no annotations, no `select_related`.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *kinds: type[Value]) -> None:
        """`kinds`: the type of each argument."""
        self.build = build
        self.kinds = kinds

    def first(self, *values: Value) -> Row | None:
        """One query. Raises TypeError where a value is of another type than was announced."""
        for value, kind in zip(values, self.kinds, strict=True):
            if not isinstance(value, kind):
                raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
        statement = self._statement
        parameters = [fixed if n is None else values[n] for n, fixed in statement.parameters]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, parameters)
            row = cursor.fetchone()
        if row is None:
            return None
        return statement.model.from_db(connection.alias, statement.columns, statement.convert(row))

    @cached_property
    def _statement(self) -> Statement[Row]:
        stand_ins = [
            text if kind is str else number
            for kind, number, text in zip(
                self.kinds, NUMBER_STAND_INS, TEXT_STAND_INS, strict=False
            )
        ]
        queryset = self.build(*stand_ins)[:1]
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
