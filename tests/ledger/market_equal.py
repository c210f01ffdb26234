"""Whether what was read of a market on a real chain is what its contracts say, and the sums that have to hold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ledger.chain.contracts import EXCHANGE
from ledger.db.assets import AssetRepository
from ledger.db.chain_models import ChainHeadRow, OutboxRow
from ledger.db.exchange import ExchangeRepository

from .asset_life import QUOTA, Time
from .market_life import EVERYBODY, FIRST_DAY, Market

_STATUS = {1: "open", 2: "halted", 3: "closed"}


def custodian(world: Any) -> bytes:
    """The exchange's own account at the ledger of units."""
    address: bytes = world.deploy().addresses[EXCHANGE]
    return bytes(12) + address


def told(world: Any) -> list[OutboxRow]:
    with world.database.read() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def begin(world: Any, market: Market, clock: Time | None = None) -> Any:
    """Everybody is enrolled and has something to trade with."""
    relayer = world.relayer(clock=clock) if clock else world.relayer()
    for intent in market.everybody():
        world.enrol(intent)
    world.settle(relayer)
    for intent in market.stocked():
        world.tell(intent)
    world.settle(relayer, rounds=40)
    return relayer


def live(world: Any, market: Market) -> Any:
    """The whole life, a day at a time."""
    relayer = begin(world, market)
    for phase in (market.trading_day(), market.afterwards()):
        for intent in phase:
            world.tell(intent)
        world.settle(relayer, rounds=60)
    return relayer


def require_same(world: Any, market: Market, block: int | None = None) -> None:
    """Rows built from events alone say what the contracts say, as of a block (law 5)."""
    exchange, ledger = market.exchange(), market.ledger()
    at: Any = "latest" if block is None else block
    with world.database.read() as session:
        require_laws(world, market, session, session.get_one(ChainHeadRow, 1).number if block is None else block)
        rows, units = ExchangeRepository(session), AssetRepository(session)
        latest = rows.latest_day(QUOTA, block=block)
        for account in EVERYBODY:
            trading = rows.trading(account, QUOTA, block=block).trading
            assert (trading, rows.locked(account, QUOTA, block=block)) == exchange.trading_of(account, QUOTA, block=at)
            held = units.balance(account, QUOTA, block=block)
            assert held.trading == trading
            assert (held.registry, held.frozen) == ledger.balance_of(account, QUOTA, block=at)
            cash, found = rows.cash(account, block=block), exchange.cash_of(account, block=at)
            assert (cash.free, cash.trading, cash.withdrawing) == (found.free, found.trading, found.withdrawing)
            assert rows.epoch(account, block=block) == exchange.epoch_of(account, block=at)
            assert rows.barred(account, block=block) == exchange.is_barred(account, block=at)
            assert rows.bank_account(account, block=block) == exchange.bank_account_of(account, block=at)
        assert rows.halted(block=block) == exchange.cash_halted(block=at)
        last = 0 if latest is None else latest.day
        assert (rows.reference(QUOTA, block=block) or 0, last) == exchange.reference_of(QUOTA, block=at)
        for day in rows.days(QUOTA, block=block):
            require_same_day(rows, exchange, day, block)
        for trade in rows.trades(QUOTA, FIRST_DAY, block=block):
            for order in (trade.buy_hash, trade.sell_hash):
                assert rows.filled(order, block=block) == exchange.filled_of(order, block=at)[0]


def require_laws(world: Any, market: Market, session: Any, block: int) -> None:
    """Law 3, custody, and all cash, by rows and by the contracts, as of a block."""
    rows, units, exchange, ledger = (
        ExchangeRepository(session),
        AssetRepository(session),
        market.exchange(),
        market.ledger(),
    )
    total = sum(sum(parts(rows.cash(account, block=block))) for account in EVERYBODY)
    assert total == rows.total_cash(block=block) == exchange.total_cash(block=block)
    in_trading = sum(rows.trading(account, QUOTA, block=block).trading for account in EVERYBODY)
    assert ledger.balance_of(custodian(world), QUOTA, block=block) == (in_trading, 0)
    assert units.balance(custodian(world), QUOTA, block=block).registry == in_trading
    supply = units.supply(QUOTA, block=block)
    assert supply.issued == supply.held + supply.surrendered + supply.cancelled
    assert (supply.issued, supply.surrendered, supply.cancelled) == ledger.supply_of(QUOTA, block=block)


def require_same_day(rows: ExchangeRepository, exchange: Any, day: int, block: int | None) -> None:
    """A day as its events said it, and its sums as its trades add up."""
    state, found = rows.day(QUOTA, day, block=block), exchange.day_of(QUOTA, day, block=block or "latest")
    assert state is not None
    named = (state.status, state.index, state.reference_fen, state.lock_days, state.fee_bps, state.cut_off)
    status = _STATUS[found.status]
    assert named == (status, found.index, found.reference_fen, found.lock_days, found.fee_bps, found.cut_off)
    counted = [trade for trade in rows.trades(QUOTA, day, block=block) if trade.counted]
    sums = (sum(one.tonnes for one in counted), sum(one.tonnes * one.price_fen for one in counted))
    assert sums == (found.volume, found.value_fen)
    if status == "closed":
        assert (state.volume, state.value_fen) == sums


def parts(cash: Any) -> tuple[int, int, int]:
    return cash.free, cash.trading, cash.withdrawing


def amounts(world: Any) -> dict[bytes, Any]:
    """What everybody has, whatever blocks it came in."""
    with world.database.read() as session:
        rows, units = ExchangeRepository(session), AssetRepository(session)
        return {
            account: (
                units.balance(account, QUOTA),
                rows.cash(account),
                rows.trading(account, QUOTA).bought,
                len(rows.cash_movements(account)),
            )
            for account in EVERYBODY
        }
