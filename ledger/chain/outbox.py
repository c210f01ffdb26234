"""The durable list of what this ledger wants on chain: every chain write is first a row here.

A row is written in the caller's own SQL transaction, together with the fact that makes it necessary. Enqueuing the same
intent again is the same row, by its kind and operation id (``ledger.chain.intents``): an id that a holder chose cannot
take the place of one that anybody can compute, such as the next anchor's.

States: ``pending`` (to be signed) → ``sent`` (a signed transaction is stored; it may or may not have left) → ``mined``
(its effect is on chain) → ``final`` (in a block that cannot be forgotten). ``refused``: the contract refuses it in a
final state of the chain. When a block is forgotten, ``mined`` and ``final`` go back to ``sent`` or ``pending``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Update, bindparam, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.chain.asset_intents import AssetIntent
from ledger.chain.emission_intents import EmissionIntent, TieIntent
from ledger.chain.errors import OutboxConflict
from ledger.chain.intents import AnchorIntent, Kind, RegistryIntent
from ledger.chain.operations import CHOSEN_KINDS
from ledger.chain.outcomes import note
from ledger.chain.rpc import BlockRef
from ledger.db.base import Base
from ledger.db.chain_models import OutboxRow


class State(StrEnum):
    """Where an intent stands; see the module's docstring."""

    PENDING = "pending"
    SENT = "sent"
    MINED = "mined"
    FINAL = "final"
    REFUSED = "refused"


# What every order asks, made once: SQLAlchemy takes several times as long to make a query as to run it.
_TABLE = Base.metadata.tables[OutboxRow.__tablename__]
_INSERT = {
    name: dialect.insert(_TABLE).on_conflict_do_nothing(index_elements=["op_id", "kind"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_NAMED = (
    select(OutboxRow.id, OutboxRow.kind, OutboxRow.payload)
    .where(OutboxRow.op_id == bindparam("op_id"))
    .order_by(OutboxRow.id)
)


def enqueue(session: Session, *, op_id: bytes, kind: Kind, position: int, payload: Mapping[str, Any], now: int) -> int:
    """Write an intent in the caller's transaction; the same intent again is the same row.

    Parameters
    ----------
    op_id
        32 bytes, of the intent.
    position
        The log position it belongs to: the size of an anchor, the index of a ``key`` entry.
    payload
        What the relayer needs to build the call, as JSON.
    now
        Unix seconds.

    Returns
    -------
    int
        The row's id.

    Raises
    ------
    OutboxConflict
        The operation id is taken by another content of this kind or, about units, of any but a settlement.
    """
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    values = {
        "op_id": op_id,
        "kind": kind.value,
        "position": position,
        "payload": text,
        "state": State.PENDING.value,
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
    }
    session.execute(_INSERT["postgresql" if session.get_bind().dialect.name == "postgresql" else "sqlite"], values)
    # About units people choose the id: there the oldest row of any kind has it.
    kinds = CHOSEN_KINDS if kind in CHOSEN_KINDS else (kind,)
    named = session.execute(_NAMED, {"op_id": op_id}).all()
    row = next((one for one in named if one.kind in kinds), None)
    if row is None or (row.kind, row.payload) != (kind.value, text):
        raise OutboxConflict(
            f"the operation 0x{op_id.hex()} already stands for something else",
            rule="outbox.conflict",
            value=f"{kind.value} {text}",
            expected="nothing" if row is None else f"{row.kind} {row.payload}",
            message_zh="同一操作号已用于其他内容",
        )
    return int(row.id)


def enqueue_anchor(session: Session, deployment_id: bytes, intent: AnchorIntent, *, now: int) -> int:
    """Ask for a cosigned checkpoint to be anchored. Its note must be in ``checkpoints`` when the relayer gets to it."""
    return enqueue(
        session,
        op_id=intent.operation_id(deployment_id),
        kind=Kind.ANCHOR,
        position=intent.size,
        payload=intent.to_payload(),
        now=now,
    )


def enqueue_key(session: Session, deployment_id: bytes, intent: RegistryIntent, *, now: int) -> int:
    """Ask for what a ``key`` entry says to be told to the registry, whichever of its actions it is.

    The registry hears of keys in the order in which they are enqueued: call this in the order of the log.
    """
    return enqueue(
        session,
        op_id=intent.operation_id(deployment_id),
        kind=intent.KIND,
        position=intent.position,
        payload=intent.to_payload(),
        now=now,
    )


def enqueue_emission(session: Session, deployment_id: bytes, intent: EmissionIntent, *, now: int) -> None:
    """Ask for what an entry says of verifiers, ties or figures to be told to the emissions registry.

    Call this in the order of the log. A tie that was asked for before stands, by whichever entry.
    """
    op_id = intent.operation_id(deployment_id)
    if isinstance(intent, TieIntent) and state_of(session, op_id, Kind.TIE) is not None:
        return
    enqueue(
        session,
        op_id=op_id,
        kind=intent.KIND,
        position=intent.position,
        payload=intent.to_payload(),
        now=now,
    )


def enqueue_asset(session: Session, deployment_id: bytes, intent: AssetIntent, *, now: int) -> None:
    """Ask for what an entry says of units, obligations or scores to be told to their contracts, in the log's order."""
    enqueue(
        session,
        op_id=intent.operation_id(deployment_id),
        kind=intent.kind,
        position=intent.position,
        payload=intent.to_payload(),
        now=now,
    )


def state_of(session: Session, op_id: bytes, *kinds: Kind) -> State | None:
    """The state of an intent of one of these kinds, the oldest of any without them; ``None`` if there is none."""
    query = select(OutboxRow.state).where(OutboxRow.op_id == op_id)
    query = query.where(OutboxRow.kind.in_(kinds)) if kinds else query
    found = session.scalars(query.order_by(OutboxRow.id).limit(1)).first()
    return None if found is None else State(found)


def counts(session: Session) -> dict[State, int]:
    """How many intents stand in each state."""
    rows = session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state)).all()
    found = {State(state): count for state, count in rows}
    return {state: found.get(state, 0) for state in State}


def reach(session: Session, sender: bytes) -> tuple[int, int]:
    """Of what is on its way, the highest nonce of ``sender`` (-1 for none) and the largest size of an anchor (0)."""
    on_its_way = select(func.max(OutboxRow.nonce)).where(OutboxRow.state == State.SENT, OutboxRow.sender == sender)
    anchors = select(func.max(OutboxRow.position)).where(OutboxRow.state == State.SENT, OutboxRow.kind == Kind.ANCHOR)
    nonce, size = session.scalar(on_its_way), session.scalar(anchors)
    return -1 if nonce is None else nonce, size or 0


def release(session: Session, row_id: int, reason: str, *, now: int) -> None:
    """A sent transaction cannot take effect any more: the intent waits for a new one."""
    session.execute(_released(reason, now).where(OutboxRow.id == row_id))


def release_from(session: Session, sender: bytes, nonce: int, reason: str, *, now: int) -> None:
    """The same for everything of ``sender`` from this nonce on: one before it is missing."""
    session.execute(_released(reason, now).where(OutboxRow.sender == sender, OutboxRow.nonce >= nonce))


def _released(reason: str, now: int) -> Update:
    return (
        update(OutboxRow)
        .where(OutboxRow.state == State.SENT)
        .values(
            state=State.PENDING.value,
            sender=None,
            nonce=None,
            tx_hash=None,
            raw_tx=None,
            fee=None,
            sent_at=None,
            last_error=reason,
            updated_at=now,
        )
    )


def note_error(session: Session, row_id: int, reason: str, *, now: int) -> bool:
    """Remember why an intent does not move. Returns whether that is news."""
    noted = session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, or_(OutboxRow.last_error.is_(None), OutboxRow.last_error != reason))
        .values(last_error=reason, updated_at=now)
        .returning(OutboxRow.id)
    ).first()
    return noted is not None


def doubt(session: Session, row_id: int, reason: str, at: BlockRef, final: BlockRef | None, *, now: int) -> bool:
    """The contract refuses an intent as the chain stands at ``at``.

    Terminal only once the block in which it was refused first is final; a reorg before that forgets the refusal.
    Returns whether it is terminal now.
    """
    row = session.get_one(OutboxRow, row_id)
    if row.state != State.PENDING:
        return False
    if row.doubt_number is None:
        row.doubt_number, row.doubt_hash = at.number, at.hash
    row.last_error, row.updated_at = reason, now
    if final is None or row.doubt_number > final.number:
        return False
    row.state = State.REFUSED.value
    if row.kind == Kind.SETTLE:
        note(session, "undone", OutboxRow.id == row_id, now=now)
    return True


def clear_doubt(session: Session, row_id: int) -> None:
    """The contract takes the intent after all."""
    session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(doubt_number=None, doubt_hash=None))


def mark_mined(
    session: Session, op_id: bytes, block: BlockRef, *, now: int, kinds: Collection[Kind] = tuple(Kind)
) -> bool:
    """The effect of an intent is on chain, by whosoever's transaction; ``kinds``: what the contract that tells it is
    told. ``False`` if there is no such intent."""
    if Kind.SETTLE in kinds:
        news = OutboxRow.state.not_in((State.MINED.value, State.FINAL.value))
        note(session, "settled", OutboxRow.op_id == op_id, news, now=now)
    found = session.execute(
        update(OutboxRow)
        .where(OutboxRow.op_id == op_id, OutboxRow.kind.in_(kinds))
        .values(
            state=case((OutboxRow.state == State.FINAL, State.FINAL.value), else_=State.MINED.value),
            block_number=block.number,
            block_hash=block.hash,
            doubt_number=None,
            doubt_hash=None,
            last_error=None,
            updated_at=now,
        )
        .returning(OutboxRow.id)
    ).first()
    return found is not None
