"""Allocations as the log holds them, and how far the chain has carried them out (DOMAIN 26 to 31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.bodies import Allocation
from attestation.judging.allocations import PRE
from ledger.bodies import body_of
from ledger.chain.outbox import State
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.quota_models import AllocationRow
from ledger.db.quotas import QuotaRepository
from quota.allocation import PreShare, Share, allocate, pre_allocate, read_inputs, read_pre_inputs

ALLOCATIONS_SHOWN = 100
"""A page holds at most this many."""
_ORDER = (State.REFUSED, State.PENDING, State.SENT, State.MINED, State.FINAL)


@dataclass(frozen=True, slots=True)
class AllocationView:
    """A logged allocation. ``state``: that of the least advanced of its calls (the run, then each part); None without a
    chain. ``operations``: their ids in that order."""

    index: int
    statement_id: bytes
    op_id: bytes
    year: int
    round: str
    reserve: str
    tonnes: int
    accounts: int
    input_root: bytes
    return_due: int
    accepted_at: int
    state: State | None
    operations: tuple[bytes, ...]
    body: Allocation


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One enterprise's share of an allocation. ``document``: the logged one with its own inputs alone; ``trace``: every
    step to ``tonnes``, recomputed from all inputs, of which a scaled share names the sum."""

    document: dict[str, Any]
    tonnes: int
    trace: tuple[dict[str, object], ...]


def own_share(body: Allocation, identifier: str) -> OwnShare | None:
    """The share of an enterprise, recomputed from the logged document; None of one without inputs there, which stands
    in the table for what it was given ahead. Seconds of work for the largest allocations."""
    shares: Sequence[Share | PreShare]
    if body.round == PRE:
        shares, rows = pre_allocate(*read_pre_inputs(body.document)).shares, "emissions"
    else:
        shares, rows = allocate(*read_inputs(body.document)).shares, "inputs"
    share = next((one for one in shares if one.identifier == identifier), None)
    if share is None:
        return None
    own = [row for row in body.document[rows] if row["identifier"] == identifier]
    return OwnShare(body.document | {rows: own}, share.tonnes, tuple(step.as_dict() for step in share.trace))


class AllocationReader:
    """Read access to the allocations of one log; each answer is one snapshot of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, *, year: int | None, before: int | None, limit: int) -> list[AllocationView]:
        """Allocations, newest first, at most ``limit`` below the log position ``before``; of one ``year`` where that is
        given."""
        with self._database.read() as session:
            found = QuotaRepository(session).allocations(year=year, before=before, limit=limit)
            return [_view(session, row, body_of(entry.entry, Allocation)) for row, entry in found]

    def at(self, index: int) -> AllocationView | None:
        """The allocation at a log position."""
        with self._database.read() as session:
            found = QuotaRepository(session).allocation_at(index)
            return None if found is None else _view(session, found[0], body_of(found[1].entry, Allocation))


def _view(session: Session, row: AllocationRow, body: Allocation) -> AllocationView:
    query = select(OutboxRow.op_id, OutboxRow.state).where(OutboxRow.position == row.entry_index)
    told = [(op_id, State(state)) for op_id, state in session.execute(query.order_by(OutboxRow.id))]
    state = min((each for _, each in told), key=_ORDER.index, default=None)
    return AllocationView(
        index=row.entry_index,
        statement_id=row.statement_id,
        op_id=row.op_id,
        year=row.year,
        round=row.round,
        reserve=row.reserve,
        tonnes=row.tonnes,
        accounts=row.accounts,
        input_root=row.input_root,
        return_due=row.return_due,
        accepted_at=row.accepted_at,
        state=state,
        operations=tuple(op_id for op_id, _ in told),
        body=body,
    )
