"""How orders end: what ends their account or key, a deadline, a halt (DOMAIN 15, 16)."""

from __future__ import annotations

import pytest

from attestation.assets import CASH
from attestation.bodies import RevokeKey
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Algorithm, Purpose
from attestation.keys import Kind as KeyKind
from ledger.chain.market_intents import BarIntent
from ledger.chain.operations import Kind
from ledger.db.base import Database
from ledger.db.exchange_models import ChainReleaseRow
from tests.ledger.market_desk import ASSET, DAY_ONE, MarketDesk, cash, intents, refused, trading
from tests.ledger.mirrored import marketwork, memory

HOUR = marketwork.HOUR


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def test_what_ends_an_account_or_a_key_ends_its_orders(desk: MarketDesk) -> None:
    """A suspended account's orders end, and the exchange bars it; so do those that an ended key signed."""
    work, units = desk.work, desk.work.units
    work.opened()
    suspended = desk.say(work.sell(10), desk.steel)
    by_key = desk.say(work.sell(10), desk.tiles)
    other = desk.say(work.sell(10), desk.food)
    units.hold(units.signed(units.suspend(desk.steel)))
    units.case.accept(
        "key",
        RevokeKey(thumbprint=work.keys[desk.tiles].public.kid_name, identifier=desk.tiles),
        iss=memory.PARK,
        stream="keys",
    )
    assert [desk.market.order(one).reason for one in (suspended, by_key, other)] == ["suspended", "key", None]
    assert [level.orders for level in desk.market.book(ASSET).levels] == [1]
    refused("account.suspended", desk.say, work.sell(10), desk.steel)
    (bar,) = intents(desk, Kind.BAR)
    assert isinstance(bar, BarIntent)
    assert (bar.account, bar.barred) == (account_id(desk.steel), True)
    units.hold(units.signed(units.suspend(desk.steel, suspended=False)))
    assert [one.barred for one in intents(desk, Kind.BAR)] == [True, False]
    session = desk.market.session(ASSET, DAY_ONE)
    assert session is not None
    assert session.last == desk.market.order(by_key).ended_index
    desk.close()
    assert desk.faults() == []


def test_a_replaced_and_a_stolen_key_end_what_they_signed(desk: MarketDesk) -> None:
    """Rotated or declared stolen: the exchange takes nothing of such a key (docs/design.md §2)."""
    work, park = desk.work, desk.park
    work.opened(mode="licensed")
    rotated = desk.say(work.sell(10), desk.steel)
    fresh = memory.seeded(Algorithm.ES256K, 71)
    since = desk.memory.next_index
    by_first = desk.say(work.sell(10), desk.food)
    kept = desk.say(work.sell(10), desk.tiles)
    park.rotate(desk.steel, fresh, by=work.keys[desk.steel])
    park.compromise(desk.food, work.keys[desk.food], since)
    work.keys[desk.steel] = fresh
    again = desk.say(work.sell(10), desk.steel)
    reasons = [desk.market.order(one).reason for one in (rotated, by_first, kept, again)]
    assert reasons == ["key", "key", None, None]
    desk.close()
    assert desk.faults() == []


def test_what_a_stolen_key_brought_ends_with_it(desk: MarketDesk) -> None:
    """docs/design.md §2: the keys that it brought from there on, and theirs, and every order that they signed."""
    work, park, glass = desk.work, desk.park, "88.608.5299/glass"
    enterprise = {"parent": memory.PARK, "algorithm": Algorithm.ES256K}
    park.enrol(glass, KeyKind.ENTERPRISE, Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION, **enterprise)
    first, early, late = park.keys[glass], memory.seeded(Algorithm.ES256K, 81), memory.seeded(Algorithm.ES256K, 82)
    park.add(glass, early, Purpose.ASSET, by=first)
    since = desk.memory.next_index
    park.add(glass, late, Purpose.ASSET, by=first)
    with desk.database.write() as session:
        session.add(desk._units(7, account_id(glass), 100, "Moved"))
    work.opened()
    orders = []
    for key in (first, early, late):
        work.keys[glass] = key
        orders.append(desk.say(work.sell(10), glass))
    park.compromise(glass, first, since)
    assert [desk.market.order(one).reason for one in orders] == ["key", None, "key"]
    desk.close()
    assert desk.faults() == []


def test_an_order_past_its_deadline_meets_nothing(desk: MarketDesk) -> None:
    """It ends by the next entry that acts on the book, and binds nothing from its deadline on."""
    work = desk.work
    work.opened(mode="licensed")
    late = desk.say(work.sell(10, 6_000, deadline=format_instant(desk.memory.now + 60)), desk.steel)
    kept = desk.say(work.sell(10, 6_010), desk.food)
    desk.memory.now += 60
    assert (desk.market.order(late).status, trading(desk, desk.steel).in_orders) == ("ended", 0)
    refused("order.ended", desk.say, work.cancel(late), desk.steel)
    desk.say(work.buy(15, 6_100), desk.tiles)
    assert [(one.sell, one.price_fen) for one in desk.market.trades(ASSET)] == [(kept, 6_010)]
    assert (desk.market.order(late).reason, desk.market.order(late).remaining) == ("deadline", 10)
    desk.close()
    assert desk.faults() == []


def test_a_halted_day_takes_no_order_but_lets_go(desk: MarketDesk) -> None:
    """DOMAIN 16: halts are part of the session, so that a replay knows which orders could not come."""
    work = desk.work
    work.opened()
    offer = desk.say(work.sell(10), desk.steel)
    work.administer(work.halt())
    refused("market.halted", desk.say, work.accepting(offer), desk.tiles)
    desk.say(work.cancel(offer), desk.steel)
    work.administer(work.resume())
    desk.trade(desk.steel, desk.tiles, 5, 6_000)
    assert [one.halted for one in intents(desk, Kind.HALT_DAY)] == [True, False]
    desk.close()
    assert desk.faults() == []


def ask_release(desk: MarketDesk, account: str, asset: int, amount: int, step: str = "asked") -> None:
    """What the holder's own call on the exchange leaves; `taken` is what came out by it."""
    desk.block += 1
    said = {"block_number": desk.block, "log_index": 0, "tx_hash": bytes(32), "at": desk.memory.now + 24 * HOUR}
    with desk.database.write() as session:
        session.add(ChainReleaseRow(**said, step=step, account=account_id(account), asset=asset, amount=str(amount)))


def test_what_was_asked_out_of_the_market_stands_behind_no_new_order(desk: MarketDesk) -> None:
    """DOMAIN 16: a release that was asked for long ago is taken at the second of its holder's choice, as of a match.
    From the asking on it leaves, of units and of cash, until it was taken or is asked for no more."""
    work = desk.work
    work.opened()
    ask_release(desk, desk.steel, ASSET, 4_000)
    ask_release(desk, desk.tiles, CASH, 10**15)
    assert (trading(desk, desk.steel).sellable, trading(desk, desk.steel).movable) == (1_000, 1_000)
    assert (cash(desk, desk.tiles).usable, cash(desk, desk.tiles).leaving) == (0, 100_000_000)
    refused("order.units", desk.say, work.sell(1_001), desk.steel)
    refused("order.cash", desk.say, work.buy(1), desk.tiles)
    offer = desk.say(work.sell(1_000), desk.steel)
    refused("order.units", desk.say, work.move(1, inward=False), desk.steel)
    refused("order.cash", desk.say, work.accepting(offer), desk.tiles)
    ask_release(desk, desk.steel, ASSET, 4_000, "taken")
    with desk.database.write() as session:
        session.add(desk._units(5, account_id(desk.steel), -4_000, "Released"))
    assert (trading(desk, desk.steel).leaving, trading(desk, desk.steel).movable) == (0, 0)
    ask_release(desk, desk.tiles, CASH, 0)
    desk.say(work.accepting(offer), desk.tiles)
    assert desk.market.order(offer).status == "filled"
    desk.close()
    assert desk.faults() == []
