"""Open orders of which the exchange will take no fill any more: noted when that is learnt, and when it is not so again.

An order is withdrawn where its holder took it back on the exchange itself, without the log, or where the contract
finally refused a fill of it by its own fault. The log's book knows nothing of that (docs/market.md); what is shown of
the book leaves such orders out, and so whoever follows it must be told.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.identifiers import account_id
from ledger.chain import outcomes
from ledger.db.feed_models import MarketOutcomeRow
from ledger.db.log_models import LogState
from ledger.db.market import MarketRepository
from ledger.db.market_models import MarketFillRow, MarketOrderRow

WITHDRAWN, RESTORED = "withdrawn", "restored"


def note_of_fill(session: Session, op_id: bytes, *, now: int) -> None:
    """The contract said its last word on a fill, or said another one: of both its orders."""
    fill = session.scalars(select(MarketFillRow).where(MarketFillRow.op_id == op_id)).one_or_none()
    if fill is not None:
        market = MarketRepository(session)
        _note(session, [market.require(fill.buy), market.require(fill.sell)], now)


def note_cancelled(session: Session, account: bytes, order_hash: bytes | None, *, now: int) -> None:
    """An account (by its id) took back an order on the exchange, or all of its own (None)."""
    market = MarketRepository(session)
    if order_hash is None:
        _note(session, [row for row in market.open_orders() if account_id(row.account) == account], now)
    else:
        found = market.order(order_hash)
        _note(session, [] if found is None else [found], now)


def note_all(session: Session, *, now: int) -> None:
    """The chain forgot blocks: of every open order it is asked again."""
    _note(session, MarketRepository(session).open_orders(), now)


def withdrawn(session: Session, orders: Sequence[bytes]) -> frozenset[bytes]:
    """Those that were noted last as withdrawn."""
    row = MarketOutcomeRow
    found = session.execute(select(row.order_hash, row.state).where(row.order_hash.in_(orders)).order_by(row.number))
    last = dict(found.all())
    return frozenset(order for order, state in last.items() if order is not None and state == WITHDRAWN)


def _note(session: Session, rows: Sequence[MarketOrderRow], now: int) -> None:
    living = [row for row in rows if row.status == "open"]
    if not living:
        return
    outcomes.lock(session)
    market, hashes = MarketRepository(session), [row.order_hash for row in living]
    gone, known = market.refused_orders(hashes) | market.taken_back(living), withdrawn(session, hashes)
    entries = session.scalar(select(LogState.next_index).where(LogState.id == 1)) or 0
    for order in hashes:
        if (order in gone) is not (order in known):
            state = WITHDRAWN if order in gone else RESTORED
            session.add(MarketOutcomeRow(entries=entries, order_hash=order, state=state, noted_at=now))
            session.flush()
