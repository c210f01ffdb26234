"""Two services over one store are told at once what only one may have: one offer, one rest of cash (DOMAIN 16, 18)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ledger.db.base import Database
from ledger.log import Accepted, Log, Outcome, Refused
from tests.ledger.market_desk import ASSET, MarketDesk

WAIT = 60.0


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def at_once(desk: MarketDesk, entries: list[bytes]) -> list[Outcome]:
    """What each service answers; signatures are checked before either may write."""
    other = Database(desk.database.url)
    logs = [desk.log, Log(other, desk.parameters, desk.mirror.log._log_key, lambda: desk.memory.now)]
    examined = [log.examine([entry]) for log, entry in zip(logs, entries, strict=True)]
    start, outcomes = threading.Barrier(2, timeout=WAIT), dict[int, Outcome]()

    def send(place: int) -> None:
        start.wait()
        (outcomes[place],) = logs[place].settle(examined[place]).outcomes

    senders = [threading.Thread(target=send, args=(place,)) for place in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(WAIT)
    other.close()
    assert sorted(outcomes) == [0, 1], "a service did not answer"
    return [outcomes[place] for place in range(2)]


def entry(desk: MarketDesk, body: Any, who: str) -> bytes:
    signed = desk.work.signed(body, who)
    made: bytes = desk.park.sign("order", signed, iss=who, stream="race", iat=desk.memory.now, key=desk.work.keys[who])
    return made


def one_enters(outcomes: list[Outcome]) -> str:
    """The rule by which the other was refused."""
    entered = [one for one in outcomes if isinstance(one, Accepted)]
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert (len(entered), len(refused)) == (1, 1), outcomes
    return refused[0].error.rule


def test_one_offer_is_taken_once(desk: MarketDesk) -> None:
    """Whoever is second is told that the offer is not open any more, or that less of it is left."""
    work = desk.work
    work.opened()
    offer = desk.say(work.sell(100, 6_000), desk.steel)
    entries = [entry(desk, work.accepting(offer, tonnes), who) for tonnes, who in ((100, desk.tiles), (60, desk.food))]
    assert one_enters(at_once(desk, entries)) == "order.accepts"
    assert len(desk.market.trades(ASSET)) == 1
    assert desk.faults() == []


def test_an_offer_is_taken_or_taken_back(desk: MarketDesk) -> None:
    """Never both: the log's order decides, and the chain is told in that order."""
    work = desk.work
    work.opened()
    offer = desk.say(work.sell(100, 6_000), desk.steel)
    entries = [entry(desk, work.accepting(offer), desk.tiles), entry(desk, work.cancel(offer), desk.steel)]
    rule = one_enters(at_once(desk, entries))
    order = desk.market.order(offer)
    assert order is not None
    assert (rule, order.status) in {("order.accepts", "cancelled"), ("order.ended", "filled")}
    assert desk.faults() == []


def test_units_stand_behind_one_sale(desk: MarketDesk) -> None:
    """What is offered twice at once is offered once."""
    work = desk.work
    work.opened()
    desk.say(work.sell(1), desk.steel)
    first = entry(desk, work.sell(4_000), desk.steel)
    desk._seqs[desk.steel, "race"] = 1
    second = entry(desk, work.sell(1_500), desk.steel)
    assert one_enters(at_once(desk, [first, second])) == "order.units"
    assert desk.faults() == []
