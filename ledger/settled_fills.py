"""Which fill of the log a trade on the chain is, whoever had it settled.

Only the registrar settles trades of an open market, and names them by the log's operation. Two holders of a bilateral
order can settle it themselves and call it what they like, so that a trade is known by its orders, as they were signed,
and by what of them was filled before: that is on chain once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.typed_data import Domain
from ledger.chain import outbox
from ledger.chain.market_intents import SettleIntent
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.chain.rpc import BlockRef
from ledger.db.chain_models import OutboxRow
from ledger.db.exchange_models import ChainTradeRow


def mark_settled(session: Session, domain: Domain, trade: ChainTradeRow, block: BlockRef, *, now: int) -> None:
    """The fill that the trade is took effect in ``block``; ``domain``: in which its orders were signed."""
    for row in _candidates(session, trade):
        if is_trade(SettleIntent.from_payload(json.loads(row.payload)), domain, trade):
            outbox.mark_mined(session, row.op_id, block, now=now, kinds=(Kind.SETTLE,))
            return


def is_trade(intent: SettleIntent, domain: Domain, trade: ChainTradeRow) -> bool:
    """Whether the trade is the fill that the intent asks for."""
    numbers = (intent.tonnes, intent.price_fen, intent.day, intent.buy_filled, intent.sell_filled)
    found = (trade.tonnes, trade.price_fen, trade.day, trade.buy_filled, trade.sell_filled)
    if numbers != found:
        return False
    return (intent.buy.digest(domain), intent.sell.digest(domain)) == (trade.buy_hash, trade.sell_hash)


def _candidates(session: Session, trade: ChainTradeRow) -> Iterable[OutboxRow]:
    """The fill of that name first; only where that is another one, those that still wait and are about both."""
    of_kind = select(OutboxRow).where(OutboxRow.kind == Kind.SETTLE)
    yield from session.scalars(of_kind.where(OutboxRow.op_id == trade.op_id))
    about = (OutboxRow.payload.contains(one.hex(), autoescape=True) for one in (trade.buyer, trade.seller))
    waiting = of_kind.where(OutboxRow.state.in_((State.PENDING.value, State.SENT.value, State.REFUSED.value)), *about)
    yield from session.scalars(waiting.order_by(OutboxRow.id))
