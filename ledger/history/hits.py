"""A found entry as it is shown, and what it led to on chain: operations from the outbox, events from the projection."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.db.chain_models import ChainEventRow, OutboxRow
from ledger.db.log_models import Entry
from ledger.history.sentences import sentence

_AT_A_TIME = 500
_EVENTS_SHOWN = 20
"""Of one operation: an allocation's part touches a hundred accounts."""


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event of our contracts, by name and place."""

    contract: str
    name: str
    block: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Effect:
    """An operation that an entry asked for: its state in the outbox, and the events that name it, at most twenty of
    ``event_count``. ``block``: where it was seen; None before, and for one that was refused."""

    op_id: bytes
    kind: str
    state: str
    block: int | None
    tx: bytes | None
    event_count: int
    events: tuple[EventSeen, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry in a line. ``about``: whom it is about, where that is somebody else than its signer."""

    index: int
    type: str
    action: str | None
    issuer: str
    stream: str
    seq: int
    accepted_at: int
    statement_id: bytes
    leaf_hash: bytes
    about: tuple[str, ...]
    what: str
    what_zh: str
    effects: tuple[Effect, ...] = ()


def payload_of(entry: bytes) -> Mapping[str, Any]:
    """The body of a logged statement as JSON has it."""
    payload = entry.split(b".", 2)[1]
    body: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))["body"]
    return body


def shown(
    row: Entry,
    issuer: str,
    stream: str,
    *,
    about: tuple[str, ...],
    body: Mapping[str, Any],
    effects: tuple[Effect, ...],
) -> Hit:
    """An entry of a stream as a hit."""
    action = body.get("action")
    what, what_zh = sentence(row.type, body)
    return Hit(
        row.index,
        row.type,
        action if isinstance(action, str) else None,
        issuer,
        stream,
        row.seq,
        row.accepted_at,
        row.statement_id,
        row.leaf_hash,
        about,
        what,
        what_zh,
        effects,
    )


def effects_of(session: Session, indexes: Collection[int]) -> Mapping[int, tuple[Effect, ...]]:
    """What entries at those log positions asked the contracts for, by position, each in the order of asking."""
    found: dict[int, list[Effect]] = {}
    wanted = sorted(indexes)
    for start in range(0, len(wanted), _AT_A_TIME):
        some = wanted[start : start + _AT_A_TIME]
        # An anchor's position is a size, which no entry asked for.
        query = select(OutboxRow).where(OutboxRow.position.in_(some), OutboxRow.kind != Kind.ANCHOR.value)
        for row in session.scalars(query.order_by(OutboxRow.id)):
            found.setdefault(row.position, []).append(_effect(session, row))
    return {index: tuple(effects) for index, effects in found.items()}


def _effect(session: Session, row: OutboxRow) -> Effect:
    count, events = (0, ()) if row.block_number is None else _events(session, row.block_number, row.op_id)
    return Effect(row.op_id, row.kind, row.state, row.block_number, row.tx_hash, count, events)


def _events(session: Session, block: int, op_id: bytes) -> tuple[int, tuple[EventSeen, ...]]:
    event = ChainEventRow
    naming = (event.block_number == block, event.args.contains(f'"0x{op_id.hex()}"'))
    rows: Sequence[ChainEventRow] = session.scalars(
        select(event).where(*naming).order_by(event.log_index).limit(_EVENTS_SHOWN)
    ).all()
    count = session.scalar(select(func.count()).select_from(event).where(*naming)) or 0
    return count, tuple(EventSeen(one.contract, one.name, one.block_number, one.log_index) for one in rows)
