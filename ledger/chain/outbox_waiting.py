"""What of the outbox waits for a transaction, in the order in which it is looked at."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow


class Waiting(NamedTuple):
    """Of which kinds intents wait for a transaction: those that the contract did not refuse, and those that it did."""

    fresh: frozenset[str]
    doubtful: frozenset[str]


def what_waits(session: Session) -> Waiting:
    """All kinds of which there is one, looked for once: each kind's own question would read all of a backlog."""
    columns = OutboxRow.kind, OutboxRow.doubt_number.is_not(None)
    found = session.execute(select(*columns).where(OutboxRow.state == State.PENDING).distinct()).all()
    fresh, doubtful = (frozenset(kind for kind, doubted in found if doubted == which) for which in (False, True))
    return Waiting(fresh, doubtful)


def pending(session: Session, *kinds: Kind, limit: int, among: Waiting | None = None) -> list[OutboxRow]:
    """Intents of these kinds that wait for a transaction: anchors by size, since a larger one makes the next need a
    backfill; everything else in the order of the log.

    What the contract refused comes last, so that it does not hold up the rest; and beside the ``limit`` of the others,
    since others wait for what becomes of it: a backlog of those would keep it from ever being asked about again. Of it
    too there are at most so many, and only what comes before the last of the others where these are not all.
    ``among``: what :func:`what_waits` found.
    """
    among = among or what_waits(session)
    order = OutboxRow.position if kinds == (Kind.ANCHOR,) else OutboxRow.id
    query = select(OutboxRow).where(OutboxRow.state == State.PENDING).order_by(order, OutboxRow.id).limit(limit)
    rows: list[OutboxRow] = []
    if fresh := among.fresh.intersection(kinds):
        rows += session.scalars(query.where(OutboxRow.kind.in_(fresh), OutboxRow.doubt_number.is_(None)))
    if not (doubtful := among.doubtful.intersection(kinds)):
        return rows
    query = query.where(OutboxRow.kind.in_(doubtful), OutboxRow.doubt_number.is_not(None))
    if len(rows) == limit:
        query = query.where(order < (rows[-1].position if kinds == (Kind.ANCHOR,) else rows[-1].id))
    return [*rows, *session.scalars(query)]
