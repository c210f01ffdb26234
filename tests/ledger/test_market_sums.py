"""Sums of the market's units and cash beyond 2^53 and 2^63: exact on SQLite, whose own ``sum`` fails or goes over to
binary floats there (DOMAIN 1, 21)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from attestation.assets import quota_of
from attestation.identifiers import account_id
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.asset_models import ChainMovementRow
from ledger.db.base import Base
from ledger.db.chain_models import OutboxRow
from ledger.db.exchange import Cash, ExchangeRepository
from ledger.db.exchange_models import ChainCashRow, ChainDayRow, ChainTradeRow
from ledger.db.market import BUY, SALE, MarketRepository
from ledger.db.market_models import (
    MarketAuctionRow,
    MarketCommitmentRow,
    MarketDayRow,
    MarketFillRow,
    MarketOperationRow,
    MarketOrderRow,
)
from ledger.db.market_operations import MarketOperationRepository
from ledger.settled_fills import filled_before

ODD = 2**53 + 1
"""What a binary float cannot hold."""
LARGE = 2**62 + 1
SELLER, BUYER = "88.608.5288/A", "88.608.5289/B"
A, B = account_id(SELLER), account_id(BUYER)
ASSET, CASH, DAY = quota_of(2026), 0x0003_0000, 20_260_914
ORDER, OTHER = b"b" * 32, b"s" * 32
ENGINE = create_engine("sqlite://", poolclass=StaticPool)
"""References are not enforced here: rows of one table without the entries that brought them."""
Base.metadata.create_all(ENGINE)
AMOUNTS = pytest.mark.parametrize("amount", [ODD, LARGE], ids=["beyond-2^53", "beyond-2^63"])
TIMES = 3


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(ENGINE) as session:
        yield session


def fill_in(session: Session, table: type[Base], number: int, **members: Any) -> None:
    """A row with these members, and something of its type in each column that needs a value."""
    columns = table.__mapper__.columns
    given = {
        name: {bytes: bytes([number]) * 32, int: number, str: "", bool: False, object: []}[column.type.python_type]
        for name, column in columns.items()
        if not column.nullable and name not in members
    }
    session.add(table(**given, **members))
    session.flush()


def on_its_way(session: Session, number: int, op_id: bytes, kind: Kind, state: State = State.PENDING) -> None:
    fill_in(session, OutboxRow, number, op_id=op_id, kind=kind.value, state=state.value)


def test_the_engine_s_own_sum_would_not_do(session: Session) -> None:
    numbers = f"(select {LARGE} as n union all select {LARGE + 1})"
    with pytest.raises(Exception, match="integer overflow"):
        session.scalar(text(f"select sum(n) from {numbers}"))
    assert isinstance(session.scalar(text(f"select {LARGE} + {LARGE}")), float)


@AMOUNTS
def test_what_open_orders_offer_and_bind_is_exact(session: Session, amount: int) -> None:
    for number in range(1, TIMES + 1):
        order = {"account": SELLER, "asset": ASSET, "status": "open", "deadline": 9, "kind": 1}
        fill_in(session, MarketOrderRow, number, side=SALE, remaining=amount, reserved_fen=0, **order)
        fill_in(session, MarketOrderRow, 10 + number, side=BUY, remaining=1, reserved_fen=amount, **order)
    market = MarketRepository(session)
    assert market.offered(SELLER, ASSET, 1) == TIMES * amount
    assert market.reserved(SELLER, 1) == TIMES * amount


@AMOUNTS
def test_what_fills_take_and_bring_is_exact_though_value_and_fee_pass_64_bits(session: Session, amount: int) -> None:
    for number in range(1, TIMES + 1):
        sides = {"buyer": BUYER, "seller": SELLER, "buy": ORDER, "sell": OTHER}
        money = {"value_fen": amount, "buyer_fee_fen": amount, "seller_fee_fen": number}
        op_id = bytes([number]) * 32
        fill_in(session, MarketFillRow, number, asset=ASSET, tonnes=amount, op_id=op_id, **sides, **money)
        on_its_way(session, number, op_id, Kind.SETTLE)
    market = MarketRepository(session)
    assert market.selling(SELLER, ASSET) == market.buying(BUYER, ASSET) == TIMES * amount
    assert market.cash_unsettled(BUYER) == (2 * TIMES * amount, 0)
    assert market.cash_unsettled(SELLER) == (0, TIMES * amount - 6)
    assert market.net_sold(SELLER, ASSET) == -market.net_sold(BUYER, ASSET) == TIMES * amount


@AMOUNTS
def test_what_the_contract_refused_of_an_order_is_exact(session: Session, amount: int) -> None:
    for number in range(1, TIMES + 1):
        op_id = bytes([number]) * 32
        members = {"buy": ORDER, "sell": OTHER, "tonnes": amount, "buy_filled": number, "sell_filled": number}
        fill_in(session, MarketFillRow, number, op_id=op_id, **members)
        on_its_way(session, number, op_id, Kind.SETTLE, State.REFUSED)
    assert filled_before(session, (ORDER, 9), (OTHER, 3)) == (9 - TIMES * amount, 3 - 2 * amount)


@AMOUNTS
def test_what_closed_days_say_adds_up_exactly(session: Session, amount: int) -> None:
    for number in range(TIMES):
        closed = {"status": "closed", "volume": amount, "value_fen": amount - number}
        fill_in(session, MarketDayRow, number + 1, asset=ASSET, day=DAY + number, opened_index=number, **closed)
    found = MarketRepository(session).traded(ASSET, (DAY, DAY + TIMES))
    assert found == (TIMES * amount, TIMES * amount - 3)


@AMOUNTS
def test_what_sealed_bids_bind_is_exact(session: Session, amount: int) -> None:
    """DOMAIN 14: each locks its declared maximum."""
    auction = b"a" * 32
    fill_in(session, MarketAuctionRow, 1, op_id=auction, asset=ASSET)
    for number in range(1, TIMES + 1):
        fill_in(session, MarketCommitmentRow, number, auction=auction, account=BUYER, maximum_fen=amount)
    market = MarketRepository(session)
    assert market.locked_bids(BUYER) == TIMES * amount
    assert market.bids(auction, BUYER) == (TIMES, TIMES)


@AMOUNTS
def test_what_moves_and_the_bank_bring_is_exact(session: Session, amount: int) -> None:
    for number in range(1, TIMES + 1):
        asked = ((Kind.MOVE, ASSET, True), (Kind.MOVE, CASH, False), (Kind.DEPOSIT, None, None))
        for place, (kind, asset, inward) in enumerate(asked):
            op_id = bytes([number, place]) * 16
            members = {"account": BUYER, "asset": asset, "inward": inward, "amount": amount, "paid": None}
            fill_in(
                session,
                MarketOperationRow,
                10 * number + place,
                op_id=op_id,
                entry_index=10 * number + place,
                kind=kind.value,
                **members,
            )
            on_its_way(session, 10 * number + place, op_id, kind)
    operations = MarketOperationRepository(session)
    assert operations.moving(BUYER, ASSET, inward=True) == TIMES * amount
    cash = operations.cash_on_its_way(BUYER)
    assert (cash.outward, cash.deposited, cash.inward) == (TIMES * amount, TIMES * amount, 0)


@AMOUNTS
def test_what_was_read_of_the_exchange_adds_up_exactly(session: Session, amount: int) -> None:
    fill_in(session, ChainDayRow, 1, asset=ASSET, day=DAY, step="opened", day_index=1, lock_days=5)
    for number in range(1, TIMES + 1):
        place = {"block_number": number, "log_index": 0}
        fill_in(session, ChainMovementRow, number, **place, part=0, account=B, asset=ASSET, trading=amount)
        cash = {"free": amount, "trading": amount, "withdrawing": -number}
        fill_in(session, ChainCashRow, number, **place, part=0, account=A, **cash)
        trade = {"buy_hash": ORDER, "sell_hash": OTHER, "buyer": B, "seller": A, "asset": ASSET, "day_index": 1}
        fill_in(session, ChainTradeRow, number, **place, day=DAY, tonnes=amount, **trade)
    rows = ExchangeRepository(session)
    assert rows.trading(B, ASSET).trading == TIMES * amount
    assert rows.trading(B, ASSET).bought == ((1, TIMES * amount),)
    assert rows.locked(B, ASSET) == rows.filled(ORDER) == TIMES * amount
    assert rows.cash(A) == Cash(TIMES * amount, TIMES * amount, -6)
    assert rows.total_cash() == 2 * TIMES * amount - 6
    assert rows.total_cash(block=1) == 2 * amount - 1
