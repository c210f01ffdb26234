"""What a round asks of its fills at once is what each of them would be told alone."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from attestation.assets import quota_of
from attestation.market_messages import Order
from attestation.typed_data import Domain
from ledger.chain.market_intents import SettleIntent
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.base import Base
from ledger.db.chain_models import OutboxRow
from ledger.db.exchange_models import ChainTradeRow
from ledger.db.market_models import MarketFillRow
from ledger.fill_places import FillPlaces
from ledger.settled_fills import as_asked, in_doubt_before, is_trade

from .test_market_sums import fill_in

DOMAIN = Domain(31337, b"\x04" * 20, b"\x5a" * 32)
ASSET, DAY, WORD = quota_of(2026), 20_260_914, bytes(32)


@pytest.fixture
def session() -> Iterator[Session]:
    # References are not enforced: fills without the entries that brought them.
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def order(side: int, number: int) -> Order:
    return Order(bytes([side]) * 32, ASSET, side, 1_000, 6_000, 1, WORD, 1, 10, 99, 0, bytes([number]) * 32)


def matched(chance: random.Random) -> list[SettleIntent]:
    """Forty fills of six orders, each of what the ones before it left."""
    buys, sells = [order(1, number) for number in range(3)], [order(2, number) for number in range(3)]
    filled: dict[Order, int] = {}
    made = []
    for number in range(40):
        buy, sell, tonnes = chance.choice(buys), chance.choice(sells), chance.randint(1, 9)
        before = filled.get(buy, 0), filled.get(sell, 0)
        signature = bytes(64)
        leaf = bytes([number]) * 32
        made.append(
            SettleIntent(leaf, number, 0, DAY, tonnes, 6_000, *before, WORD, WORD, buy, sell, signature, signature)
        )
        filled[buy], filled[sell] = before[0] + tonnes, before[1] + tonnes
    return made


def keep(session: Session, number: int, intent: SettleIntent, state: State, *, doubted: bool) -> None:
    op_id = intent.operation_id(WORD)
    hashes = {"buy": intent.buy.digest(DOMAIN), "sell": intent.sell.digest(DOMAIN)}
    places = {"buy_filled": intent.buy_filled, "sell_filled": intent.sell_filled, "tonnes": intent.tonnes}
    fill_in(session, MarketFillRow, number, op_id=op_id, asset=ASSET, day=DAY, **hashes, **places)
    block = {"block_hash": WORD, "block_number": 1, "raw_tx": b"raw"} if state is not State.PENDING else {}
    doubt = {"doubt_number": 5, "doubt_hash": WORD} if doubted else {}
    told = {"op_id": op_id, "kind": Kind.SETTLE.value, "state": state.value}
    fill_in(session, OutboxRow, number + 1, **told, **block, **doubt)


@pytest.mark.parametrize("seed", range(12))
def test_a_round_knows_of_each_fill_what_the_fill_would_ask_alone(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    intents = matched(chance)
    for number, intent in enumerate(intents):
        state = chance.choice((State.PENDING, State.MINED, State.REFUSED, State.FINAL))
        keep(session, number, intent, state, doubted=state is State.PENDING and chance.random() < 0.6)
    places = FillPlaces(session, DOMAIN, intents)
    asked = [places.as_asked(intent) for intent in intents]
    assert asked == [as_asked(session, intent, DOMAIN) for intent in intents]
    doubts = [places.in_doubt_before(intent) for intent in intents]
    assert doubts == [in_doubt_before(session, intent, DOMAIN) for intent in intents]
    assert asked != intents
    assert True in doubts


def test_a_trade_is_the_fill_by_orders_place_and_numbers(session: Session) -> None:
    first, second, *_ = intents = matched(random.Random(1))
    for number, (intent, tonnes) in enumerate(((first, first.tonnes), (second, second.tonnes + 1))):
        hashes = {"buy_hash": intent.buy.digest(DOMAIN), "sell_hash": intent.sell.digest(DOMAIN)}
        places = {"buy_filled": intent.buy_filled, "sell_filled": intent.sell_filled, "tonnes": tonnes}
        said = {"price_fen": 6_000, "day": DAY, "block_number": number + 1}
        fill_in(session, ChainTradeRow, number + 1, **hashes, **places, **said)
    places_known = FillPlaces(session, DOMAIN, intents)
    found = places_known.trade(first)
    assert found is not None
    assert found.block_number == 1
    other = places_known.trade(second)
    assert other is not None
    assert is_trade(first, DOMAIN, found)
    assert not is_trade(second, DOMAIN, other), "of other tonnes it is another trade"
    assert places_known.trade(intents[2]) is None
