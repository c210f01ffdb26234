"""What blocks do to the outbox: those that the chain forgot take effects back, those that are final keep them.

Every statement finds its rows by (state, block), so that a round costs what changes and not what was ever sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Update, case, select, update
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.chain.outcomes import note, note_each
from ledger.chain.rpc import BlockRef
from ledger.db.chain_models import OutboxRow

_ASKED_TOGETHER = 500
_TAKE_EFFECT = (
    "UPDATE outbox SET state = CASE WHEN state = 'final' THEN 'final' ELSE 'mined' END, block_number = ?,"
    " block_hash = ?, doubt_number = NULL, doubt_hash = NULL, last_error = NULL, updated_at = ? WHERE id = ?"
)


def take_effect(session: Session, effects: Sequence[tuple[bytes, BlockRef, Collection[Kind]]], *, now: int) -> None:
    """What ``ledger.chain.outbox.mark_mined`` does, of many operations (id, block, kinds) in their order."""
    connection = session.connection()
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    asked, rows = list({op_id for op_id, _, _ in effects}), dict[bytes, list[tuple[int, str, str]]]()
    for start in range(0, len(asked), _ASKED_TOGETHER):
        some = tuple(asked[start : start + _ASKED_TOGETHER])
        marks = ",".join([mark] * len(some))
        query = f"SELECT id, op_id, kind, state FROM outbox WHERE op_id IN ({marks})"  # noqa: S608 - marks alone
        for row_id, op_id, kind, state in connection.exec_driver_sql(query, some):
            rows.setdefault(bytes(op_id), []).append((row_id, kind, state))
    changed, settled = [], dict[bytes, None]()
    for op_id, block, kinds in effects:
        for row_id, kind, state in rows.get(op_id, ()):
            if kind in kinds:
                changed.append((block.number, block.hash, now, row_id))
                if kind == Kind.SETTLE and state not in {State.MINED, State.FINAL}:
                    settled[op_id] = None
    note_each(session, "settled", list(settled), now=now)
    if changed:
        connection.exec_driver_sql(_TAKE_EFFECT.replace("?", mark), changed)


def reopen_above(session: Session, number: int, *, now: int) -> int:
    """Blocks above ``number`` are gone: their intents go back. Returns how many had taken effect there.

    An intent with a stored transaction becomes ``sent``, so that the very same bytes are tried first: the same nonce
    can take effect once only. One whose effect came from somebody else's transaction becomes ``pending``.
    """
    back = case((OutboxRow.raw_tx.is_not(None), State.SENT.value), else_=State.PENDING.value)
    there = OutboxRow.state.in_([State.MINED, State.FINAL]), OutboxRow.block_number > number
    note(session, "matched", *there, now=now)
    note(session, "matched", OutboxRow.state == State.REFUSED, OutboxRow.doubt_number > number, now=now)
    reopened = _changed(
        session,
        update(OutboxRow).where(*there).values(state=back, block_number=None, block_hash=None, updated_at=now),
    )
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.state.in_([State.PENDING, State.REFUSED]), OutboxRow.doubt_number > number)
        .values(
            state=case((OutboxRow.state == State.REFUSED, State.PENDING.value), else_=OutboxRow.state),
            doubt_number=None,
            doubt_hash=None,
            updated_at=now,
        )
    )
    return reopened


def effect_block(session: Session, skip: int) -> int | None:
    """The number of the block of an effect, of the topmost one after ``skip`` others; ``None`` if there are no more."""
    query = (
        select(OutboxRow.block_number)
        .where(OutboxRow.state.in_([State.MINED, State.FINAL]))
        .order_by(OutboxRow.block_number.desc())
        .offset(skip)
        .limit(1)
    )
    return session.scalar(query)


def mark_final(session: Session, final: BlockRef | None, *, now: int) -> int:
    """Intents in blocks up to ``final`` are final; above it they are not (any more). Returns how many became final."""
    number = -1 if final is None else final.number
    not_any_more = OutboxRow.state == State.FINAL, OutboxRow.block_number > number
    note(session, "settled", *not_any_more, now=now)
    session.execute(update(OutboxRow).where(*not_any_more).values(state=State.MINED.value, updated_at=now))
    newly = OutboxRow.state == State.MINED, OutboxRow.block_number <= number
    note(session, "final", *newly, now=now)
    return _changed(
        session,
        update(OutboxRow).where(*newly).values(state=State.FINAL.value, updated_at=now),
    )


def _changed(session: Session, statement: Update) -> int:
    # Counted by the driver: ids of everything that a chain forgot would not be a bounded list.
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
