"""Sums of 64-bit integers that are right however large they grow.

PostgreSQL adds ``bigint`` up to a number without bounds. SQLite's ``sum`` fails beyond 2^63, which amounts of units
reach long before any of them is out of bounds: so there the upper and the lower halves are added apart, and put
together by ``read_sum``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import SQLColumnExpression
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

_HALF_BITS = 32
_LOWER = (1 << _HALF_BITS) - 1


class exact_sum(FunctionElement[Any]):  # noqa: N801 - named as SQL functions are
    """The sum of a column of integers; read it with ``read_sum``."""

    inherit_cache = True
    type = NullType()
    name = "exact_sum"

    def __init__(self, column: SQLColumnExpression[Any] | ColumnElement[Any]) -> None:
        super().__init__(column)


@compiles(exact_sum)
def _any_engine(element: exact_sum, compiler: Any, **more: Any) -> str:
    return f"sum({compiler.process(element.clauses, **more)})"


@compiles(exact_sum, "sqlite")
def _sqlite(element: exact_sum, compiler: Any, **more: Any) -> str:
    column = compiler.process(element.clauses, **more)
    # A shift keeps the sign, so that upper * 2^32 + lower is the number also below zero.
    return f"(sum(({column}) >> {_HALF_BITS}) || ' ' || sum(({column}) & {_LOWER}))"


def read_sum(value: Any) -> int:
    """A sum as a number, 0 for that of nothing."""
    if value is None:
        return 0
    if isinstance(value, str):
        upper, _, lower = value.partition(" ")
        return (int(upper) << _HALF_BITS) + int(lower)
    return int(value)
