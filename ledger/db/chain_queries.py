"""What queries over projected rows share: up to which block, sums, the last row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, select
from sqlalchemy.orm import Session

from ledger.db.exact_sum import exact_sum, read_sum

_LAST_CUSTODIAN = bytes(12) + b"\xff" * 20
"""A contract's account is its address; no holder's account id is as low (contracts/interfaces/ICustody.sol)."""


def until(query: Any, table: Any, block: int | None) -> Any:
    """The query over events up to that block, ``None`` for all that were read."""
    return query if block is None else query.where(table.block_number <= block)


def of_holder(account: SQLColumnExpression[bytes]) -> ColumnElement[bool]:
    """That an account is a holder's, and not a contract's that keeps units for holders: theirs say so themselves."""
    return account > _LAST_CUSTODIAN


def sums(*columns: SQLColumnExpression[int]) -> list[ColumnElement[Any]]:
    """The sum of each; ``count`` reads it."""
    return [exact_sum(column) for column in columns]


def count(value: Any) -> int:
    """A sum as a number: PostgreSQL adds 64-bit integers up to a Decimal, and nothing up to NULL."""
    return read_sum(value)


def last(session: Session, table: Any, block: int | None, *conditions: ColumnElement[bool]) -> Any:
    """The row of the last event that meets the conditions, or ``None``."""
    query = until(select(table).where(*conditions), table, block)
    return session.scalars(query.order_by(table.block_number.desc(), table.log_index.desc()).limit(1)).one_or_none()
