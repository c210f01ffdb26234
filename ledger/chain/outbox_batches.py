"""Intents of the outbox that one signed transaction carries: stored once, sent and given up by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.chain.errors import ChainMoved
from ledger.chain.outbox import State
from ledger.chain.signing import SignedTransaction
from ledger.db.batch_models import SentBatchRow
from ledger.db.chain_models import OutboxRow

_SEND = (
    "UPDATE outbox SET state = 'sent', sender = ?, nonce = ?, tx_hash = ?, raw_tx = ?, fee = ?, sent_at = ?,"
    " attempts = attempts + 1, doubt_number = NULL, doubt_hash = NULL, updated_at = ?"
    " WHERE id = ? AND state IN ('pending', 'sent')"
)


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


def sent_ids(session: Session) -> frozenset[int]:
    """The ids of all of them."""
    return frozenset(session.scalars(select(OutboxRow.id).where(OutboxRow.state == State.SENT)))


def mark_sent(
    session: Session, row_ids: Collection[int], sender: bytes, signed: SignedTransaction, *, now: int
) -> None:
    """Keep a signed transaction of these intents: called and committed before it is handed to a node. What was in doubt
    of them is not any more.

    Raises :class:`~ledger.chain.errors.ChainMoved`, and keeps nothing, if one of them no longer waits for one.
    """
    together = len(row_ids) > 1
    if together:
        # On a chain that forgot the transaction the same intents at the same nonce are the same bytes, which are here.
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        batch = dialect.insert(SentBatchRow).values(tx_hash=signed.hash, raw_tx=signed.raw)
        session.execute(batch.on_conflict_do_nothing())
    # By the driver, row by row: the mapper's one statement of so many ids costs several times as much.
    kept = b"" if together else signed.raw
    said = (sender, signed.nonce, signed.hash, kept, str(signed.fee), now, now)
    connection = session.connection()
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    done = connection.exec_driver_sql(_SEND.replace("?", mark), [(*said, row_id) for row_id in row_ids])
    if done.rowcount != len(row_ids):
        sent = select(OutboxRow.id).where(OutboxRow.id.in_(row_ids), OutboxRow.tx_hash == signed.hash)
        raise ChainMoved(
            "the intent took effect or was refused meanwhile",
            rule="outbox.state",
            value=f"row {min(set(row_ids) - set(session.scalars(sent)))}",
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
