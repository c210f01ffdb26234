"""By what people hold in hand, every entry that brought it, changed it or ended it is found, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from ledger.chain.operations import Kind
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.log_models import Entry
from ledger.history import HistoryReader, Hit, Question
from ledger.history.references import of_serial
from tests.ledger.market_desk import MarketDesk
from tests.ledger.mirrored import Mirror, unitwork

STEEL, TILES = unitwork.STEEL, unitwork.TILES


def searched(database: Database, parameters: Any, **asked: object) -> list[Hit]:
    reader = HistoryReader(database, parameters)
    found = reader.search(Question(**asked), lambda *_: True, newest=False)  # type: ignore[arg-type]  # by name
    assert found.next is None
    return list(found.hits)


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def last_index(database: Database) -> int:
    with database.read() as session:
        return max(session.scalars(select(Entry.index)))


def test_an_order_is_found_with_what_filled_and_what_ended_it(desk: MarketDesk) -> None:
    desk.work.opened()
    sell, buy = desk.trade(desk.steel, desk.tiles, 100, 6_000)
    filled = last_index(desk.database)
    alone = desk.say(desk.work.sell(7, 6_100), desk.steel)
    placed = last_index(desk.database)
    found = {order: searched(desk.database, desk.parameters, order=order) for order in (sell, buy, alone)}
    assert [one.issuer for one in found[sell]] == [desk.steel, desk.tiles], "placed, and taken by the other's"
    assert [one.index for one in found[buy]] == [filled]
    assert [one.index for one in found[alone]] == [placed]
    assert [one.kind for one in found[buy][0].effects] == [Kind.SETTLE]
    desk.close()
    ended = searched(desk.database, desk.parameters, order=alone)
    assert [one.action for one in ended] == ["place", "close"]


def test_an_account_finds_its_orders_what_filled_them_and_nothing_of_others(desk: MarketDesk) -> None:
    desk.work.opened()
    desk.trade(desk.steel, desk.tiles, 100, 6_000)
    of_food = {one.index for one in searched(desk.database, desk.parameters, account=desk.food)}
    hits = searched(desk.database, desk.parameters, account=desk.steel)
    assert all(desk.food not in (one.issuer, *one.about) for one in hits)
    trade = [one for one in hits if one.type == "order" and one.action == "place"]
    assert [one.issuer for one in trade] == [desk.steel, desk.tiles]
    assert not of_food & {one.index for one in trade}


def test_a_settlement_is_found_by_its_operation(desk: MarketDesk) -> None:
    desk.work.opened()
    desk.trade(desk.steel, desk.tiles, 100, 6_000)
    with desk.database.read() as session:
        query = select(OutboxRow.op_id, OutboxRow.position).where(OutboxRow.kind == Kind.SETTLE.value)
        op_id, index = session.execute(query).one()
    (hit,) = searched(desk.database, desk.parameters, operation=op_id)
    assert (hit.index, hit.type, hit.what.partition(" ")[0]) == (index, "order", "orders")


@pytest.fixture
def mirror(database: Database) -> Mirror:
    return Mirror(database)


def test_a_freeze_is_found_with_its_confirmation_and_release(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.carry_in(1_000)))
    emergency = units.freeze(10, approvals=None)
    units.hold(emergency)
    units.hold(units.confirm(emergency))
    units.hold(units.signed(units.release(emergency, 5)))
    found = searched(mirror.database, mirror.parameters, operation=bytes.fromhex(emergency.op_id))
    assert [one.action for one in found] == ["freeze", "confirm-freeze", "release"]
    assert all(one.what_zh != one.what for one in found)


@pytest.mark.parametrize(
    ("serial", "found"),
    [
        (lambda body: body.series, True),
        (lambda body: body.cancellation, True),
        (lambda body: f"{body.series}-{body.first_serial}", True),
        (lambda body: f"{body.series} {body.last_serial}", True),
        (lambda body: f"{body.series}/{body.last_serial}", True),
        (lambda body: str(body.last_serial), True),
        (lambda body: f"{body.series}-{body.last_serial + 1}", False),
        (lambda body: f"{body.series}-{body.first_serial - 1}", False),
        (lambda body: str(body.last_serial + 1), False),
        (lambda _: "ANOTHER-50", False),
        (lambda _: "9" * 40, False),
        (lambda _: "%", False),
    ],
    ids=["series", "cancellation", "first", "last", "slash", "number", "above", "below", "number-above", "another",
         "long", "pattern"],
)  # fmt: skip
def test_a_serial_of_ccer_is_found_within_its_range_only(
    mirror: Mirror, serial: Callable[[Any], str], found: bool
) -> None:
    """DOMAIN 4: stored with its serials and the cancellation."""
    units = mirror.units()
    body = units.signed(units.offsets(11, 110))
    units.hold(body)
    entered = last_index(mirror.database)
    units.hold(units.signed(units.carry_in(1_000)))
    with mirror.database.read() as session:
        assert of_serial(session, serial(body)) == ({entered} if found else set())
