"""Whatever traders do, and though some of it is refused: rows from events alone are what the exchange says (law 5)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.db.chain_models import ChainHeadRow
from ledger.db.exchange import ExchangeRepository
from ledger.projection import Projection

from ..asset_life import QUOTA
from ..market_equal import begin, require_laws, require_same
from ..market_life import ANYBODY, BILATERAL, BUY, CASH, FIRST_DAY, LISTED, SELL, A, B, C, D, Market

pytestmark = pytest.mark.chain


def acts(market: Market, rows: ExchangeRepository, dice: random.Random, day: int) -> list[Any]:
    """A few things that traders might do next, most of which the exchange can take."""
    holders = [one for one in (A, B, C, D) if rows.trading(one, QUOTA).trading > rows.locked(one, QUOTA)]
    seller = dice.choice(holders or [B])
    buyer = dice.choice([one for one in (A, C, D) if one != seller])
    tonnes, price = dice.randint(1, 60), dice.randint(5_500, 6_500)
    free, spare = rows.cash(buyer).free, rows.trading(seller, QUOTA).trading
    kind, names = dice.choice(((LISTED, (seller, ANYBODY)), (LISTED, (ANYBODY, buyer)), (BILATERAL, (seller, buyer))))
    orders = (
        market.order(who, side, tonnes, price, kind=kind, counterparty=named, epoch=rows.epoch(who))
        for who, side, named in zip((buyer, seller), (BUY, SELL), names, strict=True)
    )
    choices = {
        "trade": [market.fill(*orders, tonnes, price, day=day)],
        "cash in": [market.move(buyer, CASH, dice.randint(1, max(1, free)))],
        "cash out": [market.move(buyer, CASH, dice.randint(1, 1_000), inward=False)],
        "units out": [market.move(seller, QUOTA, dice.randint(1, max(1, spare)), inward=False)],
        "units in": [market.move(seller, QUOTA, dice.randint(1, 100))],
        "withdraw": [market.take_out(buyer, dice.randint(1, 1_000))],
        "cancel": [market.cancel_all(buyer, rows.epoch(buyer) + 1)],
        "deposit": [market.deposit(buyer, dice.randint(1, 100_000))],
    }
    weights = [6 if name == "trade" else 1 for name in choices]
    return choices[dice.choices(list(choices), weights)[0]]


@pytest.mark.parametrize("seed", range(2))
def test_a_random_market_rebuilt_from_events_equals_the_exchange(make_world: Any, engine: Any, seed: int) -> None:
    """Law 5 and the sums, whatever traders do in two days, and though some of it is refused."""
    world, dice = make_world(engine, finality=Confirmations(0)), random.Random(seed)
    market = Market(world)
    relayer = begin(world, market)
    for day in range(FIRST_DAY, FIRST_DAY + 2):
        world.tell(market.open_day(day))
        for _ in range(6):
            with world.database.read() as session:
                for _ in range(3):
                    for intent in acts(market, ExchangeRepository(session), dice, day):
                        world.tell(intent)
            relayer.step()
        world.settle(relayer, rounds=40)
        world.tell(market.close_day(day, groups=dice.randint(0, 4)))
        world.settle(relayer)
    counts = world.counts()
    assert counts[State.FINAL] + counts[State.MINED] > 2 * counts[State.REFUSED]
    before = world.projected()
    projection = Projection(world.database, world.rpc, world.deploy(), world.finality, range_blocks=5)
    projection.drop()
    projection.sync()
    assert world.projected() == before
    require_same(world, market)
    with world.database.read() as session:
        rows = ExchangeRepository(session)
        assert sum(len(rows.trades(QUOTA, day)) for day in rows.days(QUOTA)) >= 8
        head = session.get_one(ChainHeadRow, 1).number
        for block in dice.sample(range(head // 2, head), 6):
            require_laws(world, market, session, block)
