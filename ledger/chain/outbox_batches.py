"""Intents of the outbox that one signed transaction carries: stored once, sent and given up by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ledger.chain.errors import ChainMoved
from ledger.chain.outbox import State
from ledger.chain.signing import SignedTransaction
from ledger.db.batch_models import SentBatchRow
from ledger.db.chain_models import OutboxRow


def sent(session: Session, *, transactions: int) -> list[OutboxRow]:
    """Intents with a signed transaction on its way: all that so many transactions carry, those with the lowest nonces,
    in their order."""
    on_its_way = OutboxRow.state == State.SENT
    nonces = select(OutboxRow.nonce).where(on_its_way).distinct().order_by(OutboxRow.nonce).limit(transactions)
    last = max((nonce for nonce in session.scalars(nonces) if nonce is not None), default=None)
    if last is None:
        return []
    query = select(OutboxRow).where(on_its_way, OutboxRow.nonce <= last).order_by(OutboxRow.nonce, OutboxRow.id)
    return list(session.scalars(query))


def mark_sent(
    session: Session, row_ids: Collection[int], sender: bytes, signed: SignedTransaction, *, now: int
) -> None:
    """Keep a signed transaction of these intents: called and committed before it is handed to a node. What was in doubt
    of them is not any more.

    Raises :class:`~ledger.chain.errors.ChainMoved`, and keeps nothing, if one of them no longer waits for one.
    """
    together = len(row_ids) > 1
    if together:
        session.execute(insert(SentBatchRow).values(tx_hash=signed.hash, raw_tx=signed.raw))
    found = session.scalars(
        update(OutboxRow)
        .where(OutboxRow.id.in_(row_ids), OutboxRow.state.in_([State.PENDING, State.SENT]))
        .values(
            state=State.SENT.value,
            sender=sender,
            nonce=signed.nonce,
            tx_hash=signed.hash,
            raw_tx=b"" if together else signed.raw,
            fee=str(signed.fee),
            sent_at=now,
            attempts=OutboxRow.attempts + 1,
            doubt_number=None,
            doubt_hash=None,
            updated_at=now,
        )
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(found) != len(row_ids):
        raise ChainMoved(
            "the intent took effect or was refused meanwhile",
            rule="outbox.state",
            value=f"row {min(set(row_ids) - set(found))}",
            expected="pending or sent",
            message_zh="该意图已生效或已被拒绝",
        )


def raw_transactions(session: Session, rows: Sequence[OutboxRow]) -> dict[bytes, bytes]:
    """The signed bytes of these sent intents, by the transaction's hash."""
    found = {row.tx_hash: row.raw_tx for row in rows if row.tx_hash is not None and row.raw_tx}
    shared = {row.tx_hash for row in rows if row.tx_hash is not None and not row.raw_tx}
    if shared:
        batches = select(SentBatchRow.tx_hash, SentBatchRow.raw_tx).where(SentBatchRow.tx_hash.in_(shared))
        found.update((tx_hash, raw) for tx_hash, raw in session.execute(batches))
    return found
