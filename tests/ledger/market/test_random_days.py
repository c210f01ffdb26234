"""A thousand random orders are matched as they come, and replayed from their entries alone (law 5)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from attestation.bodies import PlaceOrder
from attestation.instants import format_instant
from attestation.market_operations import order_hash
from ledger.log import Accepted
from ledger.market.replay import replay_all
from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import MarketDesk
from tests.ledger.mirrored import marketwork

pytestmark = pytest.mark.long

ORDERS, IN_A_BATCH = 1_000, 100


def test_a_thousand_random_orders_are_what_a_replay_makes_of_them(tmp_path: Any) -> None:
    """Matching reads the crossed orders alone; a replay of the whole book gives the same fills, book and root."""
    desk = MarketDesk(migrated_sqlite(tmp_path / "random.sqlite3"))
    desk.endow(10_000_000, 10**13)
    work, rng = desk.work, random.Random(6)
    work.opened(mode="licensed", minimum_volume=10)
    known: list[tuple[bytes, str]] = []
    for start in range(0, ORDERS, IN_A_BATCH):
        entries = [_entry(desk, known, rng, start + place) for place in range(IN_A_BATCH)]
        outcomes = desk.log.submit(entries).outcomes
        rules = {one.error.rule for one in outcomes if not isinstance(one, Accepted)}
        assert rules <= {"order.ended"}
    desk.mine()
    said = desk.close()
    assert said.fills > ORDERS // 4
    (found,) = replay_all(desk.database, desk.parameters)
    assert (found.differences, found.session.root.hex(), len(found.session.fills)) == ((), said.root, said.fills)
    ends = {end.order_id: (str(end.reason), end.remaining) for end in found.session.ends}
    assert {reason for reason, _ in ends.values()} >= {"filled", "cancelled", "self", "minimum"}
    orders = [order for order in desk.market.orders(limit=ORDERS) if order.reason != "day"]
    assert {order.order: (order.reason, order.remaining) for order in orders} == ends
    desk.database.close()


def test_deadlines_and_a_clock_that_steps_back_replay_alike(tmp_path: Any) -> None:
    """Orders with deadlines of seconds, halts between, and seconds that do not always grow (docs/market.md)."""
    desk = MarketDesk(migrated_sqlite(tmp_path / "deadlines.sqlite3"))
    desk.endow(10_000_000, 10**13)
    work, rng = desk.work, random.Random(11)
    work.opened(mode="licensed")
    known: list[tuple[bytes, str]] = []
    for start in range(0, 200, 5):
        desk.memory.now += rng.randint(-4, 12)
        deadlines = [format_instant(desk.memory.now + rng.randint(1, 60)) for _ in range(5)]
        entries = [
            _entry(desk, known, rng, start + place, deadline=deadline) for place, deadline in enumerate(deadlines)
        ]
        rules = {one.error.rule for one in desk.log.submit(entries).outcomes if not isinstance(one, Accepted)}
        assert rules <= {"order.ended"}
        if start % 50 == 0:
            work.administer(work.halt())
            work.administer(work.resume())
    desk.close()
    (found,) = replay_all(desk.database, desk.parameters)
    ends = {end.order_id: (str(end.reason), end.remaining) for end in found.session.ends}
    orders = [order for order in desk.market.orders(limit=ORDERS) if order.reason != "day"]
    assert {order.order: (order.reason, order.remaining) for order in orders} == ends
    assert "deadline" in {reason for reason, _ in ends.values()}
    assert desk.faults() == []
    desk.database.close()


def _entry(desk: MarketDesk, known: list[tuple[bytes, str]], rng: random.Random, number: int, **changed: Any) -> bytes:
    work = desk.work
    if known and rng.random() < 0.15:
        order, who = known[rng.randrange(len(known))]
        body = work.signed(work.cancel(order), who)
    else:
        who = rng.choice(work.traders)
        side, tonnes = rng.choice(("buy", "sell")), rng.randint(1, 60)
        least = tonnes if rng.random() < 0.1 else 1
        placed: PlaceOrder = work.signed(
            work.order(side, tonnes, 6_000 + rng.randint(-12, 12), minimum_fill=least, **changed), who
        )
        known.append((order_hash(placed, who, marketwork.EXCHANGE), who))
        body = placed
    key = work.keys[who]
    signed: bytes = desk.park.sign(
        "order", body, iss=who, stream=f"order-{number}", seq=1, iat=desk.memory.now, key=key
    )
    return signed
