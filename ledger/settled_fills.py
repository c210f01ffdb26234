"""Which fill of the log a trade on the chain is, whoever had it settled.

Only the registrar settles trades of an open market, and names them by the log's operation. Two holders of a bilateral
order can settle it themselves and call it what they like, so that a trade is known by its orders, as they were signed,
and by what of them was filled before: that is on chain once.

A fill that the contract finally refused filled nothing. What was matched after it of the same order is asked for all
the same, trade by trade (DOMAIN 18): with as much less before it as was refused. So nobody undoes the fills of others
by having one of its own refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from attestation.typed_data import Domain
from ledger.chain import outbox, outbox_blocks
from ledger.chain.asset_intents import stored_intent
from ledger.chain.market_intents import SettleIntent
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.chain.rpc import BlockRef
from ledger.db.chain_models import OutboxRow
from ledger.db.chain_queries import count
from ledger.db.exact_sum import exact_sum
from ledger.db.exchange_models import ChainTradeRow
from ledger.db.market_models import MarketFillRow
from ledger.fill_places import FillPlaces, order_hash
from ledger.market import withdrawals

_ASKED_TOGETHER = 500
_WAITING = (State.PENDING.value, State.SENT.value, State.REFUSED.value)


class Trade(NamedTuple):
    """A row of ``chain_trades`` as the driver takes it, its members in the order of the columns."""

    block_number: int
    log_index: int
    tx_hash: bytes
    op_id: bytes
    buy_hash: bytes
    sell_hash: bytes
    buyer: bytes
    seller: bytes
    asset: int
    day: int
    day_index: int
    tonnes: int
    price_fen: int
    buy_filled: int
    sell_filled: int
    buyer_fee_fen: int
    seller_fee_fen: int
    counted: bool
    buy_leaf: bytes
    sell_leaf: bytes


def mark_all_settled(session: Session, domain: Domain, trades: Sequence[tuple[Trade, BlockRef]], *, now: int) -> None:
    """:func:`mark_settled` of many trades in their order; of nearly all, what is named after them is what they are."""
    waiting = select(OutboxRow.id).where(OutboxRow.kind == Kind.SETTLE, OutboxRow.state.in_(_WAITING)).limit(1)
    refused = select(OutboxRow.id).where(OutboxRow.kind == Kind.SETTLE, OutboxRow.state == State.REFUSED.value).limit(1)
    named = {} if not trades else _named(session, [trade.op_id for trade, _ in trades])
    if not trades or (not named and session.scalar(waiting) is None):
        return
    intents = {op_id: _intent(payload) for op_id, (payload, _) in named.items()}
    # After a refusal, what was filled before differs from what was matched before.
    places = None if session.scalar(refused) is None else FillPlaces(session, domain, list(intents.values()))
    marked: list[tuple[bytes, BlockRef, tuple[Kind, ...]]] = []
    for trade, block in trades:
        intent = intents.get(trade.op_id)
        if intent is not None and named[trade.op_id][1] != State.REFUSED:
            asked = intent if places is None else places.as_asked(intent)
            if is_trade(asked, domain, trade):
                marked.append((trade.op_id, block, (Kind.SETTLE,)))
                continue
        outbox_blocks.take_effect(session, marked, now=now)
        marked = []
        mark_settled(session, domain, trade, block, now=now)
        if places is not None:
            places = FillPlaces(session, domain, list(intents.values()))
    outbox_blocks.take_effect(session, marked, now=now)


def mark_settled(session: Session, domain: Domain, trade: ChainTradeRow | Trade, block: BlockRef, *, now: int) -> None:
    """The fill that the trade is took effect in ``block``; ``domain``: in which its orders were signed."""
    for row in _candidates(session, trade):
        if is_trade(as_asked(session, _intent(row.payload), domain), domain, trade):
            refused = row.state == State.REFUSED
            outbox.mark_mined(session, row.op_id, block, now=now, kinds=(Kind.SETTLE,))
            if refused:
                withdrawals.note_of_fill(session, row.op_id, now=now)
            return


def is_trade(intent: SettleIntent, domain: Domain, trade: ChainTradeRow | Trade) -> bool:
    """Whether the trade is the fill that the intent (:func:`as_asked`) asks for."""
    numbers = (intent.tonnes, intent.price_fen, intent.day, intent.buy_filled, intent.sell_filled)
    found = (trade.tonnes, trade.price_fen, trade.day, trade.buy_filled, trade.sell_filled)
    if numbers != found:
        return False
    return (order_hash(intent.buy, domain), order_hash(intent.sell, domain)) == (trade.buy_hash, trade.sell_hash)


def as_asked(session: Session, intent: SettleIntent, domain: Domain) -> SettleIntent:
    """The fill as the exchange takes it: of its orders was filled before what was matched before and not refused."""
    places = filled_before(
        session, (intent.buy.digest(domain), intent.buy_filled), (intent.sell.digest(domain), intent.sell_filled)
    )
    return replace(intent, buy_filled=places[0], sell_filled=places[1])


def filled_before(session: Session, buy: tuple[bytes, int], sell: tuple[bytes, int]) -> tuple[int, int]:
    """Tonnes of two orders (hash, tonnes matched before) that the exchange filled, or fills, before that place."""
    bought, sold = (matched - _refused_before(session, order, matched) for order, matched in (buy, sell))
    return bought, sold


def in_doubt_before(session: Session, intent: SettleIntent, domain: Domain) -> bool:
    """Whether of a fill of the same orders that was matched before it is open whether the contract refuses it."""
    row = MarketFillRow
    before = or_(
        _before(intent.buy.digest(domain), intent.buy_filled), _before(intent.sell.digest(domain), intent.sell_filled)
    )
    query = select(row.op_id).join(OutboxRow, _settlement()).where(before, OutboxRow.state == State.PENDING.value)
    return session.scalar(query.where(OutboxRow.doubt_number.is_not(None)).limit(1)) is not None


def _refused_before(session: Session, order: bytes, matched: int) -> int:
    if not matched:
        return 0
    query = select(exact_sum(MarketFillRow.tonnes)).join(OutboxRow, _settlement())
    refused = query.where(_before(order, matched), OutboxRow.state == State.REFUSED.value)
    return count(session.scalar(refused))


def _before(order: bytes, matched: int) -> ColumnElement[bool]:
    row = MarketFillRow
    bought, sold = (row.buy == order) & (row.buy_filled < matched), (row.sell == order) & (row.sell_filled < matched)
    return or_(bought, sold)


def _settlement() -> ColumnElement[bool]:
    return (OutboxRow.op_id == MarketFillRow.op_id) & (OutboxRow.kind == Kind.SETTLE.value)


def _named(session: Session, op_ids: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
    """Payload and state of the settlements of these names."""
    found: dict[bytes, tuple[str, str]] = {}
    connection = session.connection()
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for start in range(0, len(op_ids), _ASKED_TOGETHER):
        some = op_ids[start : start + _ASKED_TOGETHER]
        marks = ",".join([mark] * len(some))
        query = f"SELECT op_id, payload, state FROM outbox WHERE kind = {mark} AND op_id IN ({marks})"  # noqa: S608 - marks alone
        rows = connection.exec_driver_sql(query, (Kind.SETTLE.value, *some))
        found.update((bytes(op_id), (payload, state)) for op_id, payload, state in rows)
    return found


def _intent(payload: str) -> SettleIntent:
    intent = stored_intent(Kind.SETTLE.value, payload)
    if not isinstance(intent, SettleIntent):
        raise TypeError(f"{intent.kind} is no settlement")
    return intent


def _candidates(session: Session, trade: ChainTradeRow | Trade) -> Iterable[OutboxRow]:
    """The fill of that name first; only where that is another one, those that still wait and are about both."""
    of_kind = select(OutboxRow).where(OutboxRow.kind == Kind.SETTLE)
    yield from session.scalars(of_kind.where(OutboxRow.op_id == trade.op_id))
    about = (OutboxRow.payload.contains(one.hex(), autoescape=True) for one in (trade.buyer, trade.seller))
    waiting = of_kind.where(OutboxRow.state.in_(_WAITING), *about)
    yield from session.scalars(waiting.order_by(OutboxRow.id))
