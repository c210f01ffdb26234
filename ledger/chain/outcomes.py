"""Every change of a settlement's state is noted where it is made, in the same transaction, for whoever follows the
market (``ledger.market.feed``): the outbox itself says how things stand, not how they came to it.

Rows have the order of the transactions that wrote them. SQLite has one writer at a time; on PostgreSQL the table is
locked until the transaction ends, so that nobody reads a row while one with a lower number is still to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, insert, literal, null, select, text
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.db.chain_models import OutboxRow
from ledger.db.feed_models import MarketOutcomeRow
from ledger.db.log_models import LogState

Outcome = Literal["settled", "final", "undone", "matched"]

_COLUMNS = ("entries", "op_id", "state", "reason", "noted_at")
_NOTE = "INSERT INTO market_outcomes (entries, op_id, state, noted_at) VALUES (?, ?, ?, ?)"


def note(session: Session, outcome: Outcome, *which: ColumnElement[bool], now: int) -> None:
    """The settlements of the outbox for which ``which`` holds come to this; called before, or as, their state changes.
    ``now``: Unix seconds."""
    lock(session)
    entries = func.coalesce(select(LogState.next_index).where(LogState.id == 1).scalar_subquery(), 0)
    reason: Any = OutboxRow.last_error if outcome == "undone" else null()
    found = select(entries, OutboxRow.op_id, literal(outcome), reason, literal(now))
    found = found.where(OutboxRow.kind == Kind.SETTLE.value, *which).order_by(OutboxRow.id)
    session.execute(insert(MarketOutcomeRow).from_select(_COLUMNS, found))


def note_each(session: Session, outcome: Outcome, op_ids: Sequence[bytes], *, now: int) -> None:
    """Settlements of which the caller knows that they come to this, in the order given."""
    if not op_ids:
        return
    lock(session)
    entries = session.scalar(select(LogState.next_index).where(LogState.id == 1)) or 0
    connection = session.connection()
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    # By the driver: a round has hundreds, and mapped each costs several times its insert.
    connection.exec_driver_sql(_NOTE.replace("?", mark), [(entries, op_id, outcome, now) for op_id in op_ids])


def lock(session: Session) -> None:
    """Until the end of this transaction nobody else adds a row."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE market_outcomes IN SHARE ROW EXCLUSIVE MODE"))
