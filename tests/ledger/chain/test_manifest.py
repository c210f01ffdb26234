"""Which calls of a round become one transaction, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.answer import Call
from ledger.chain.manifest import GAS_OF_BATCH, GAS_OF_FILL, MOST_TOGETHER, Manifest, unaccompanied
from ledger.chain.operations import Kind
from ledger.chain.trades import batch_data
from ledger.db.chain_models import OutboxRow

EXCHANGE, BLOCK_GAS = b"\x13" * 20, 30_000_000


def row(number: int, kind: Kind = Kind.SETTLE, *, attempts: int = 0, doubt: int | None = None) -> OutboxRow:
    return OutboxRow(id=number, kind=kind.value, attempts=attempts, doubt_number=doubt)


def call(number: int, kind: Kind = Kind.SETTLE) -> Call:
    trade = bytes([number]) * 8 if kind is Kind.SETTLE else None
    return Call(EXCHANGE, b"alone %d" % number, 600_000, trade=trade)


def manifest(*rows: OutboxRow, room: int = 64, gas_limit: int = BLOCK_GAS) -> list[list[int]]:
    made = Manifest(room, gas_limit)
    for each in rows:
        told = call(each.id, Kind(each.kind))
        if not made.takes(each, told):
            break
        made.add(each, told)
    return [[one.id for one in shipment.rows] for shipment in made.shipments]


def test_fills_that_follow_each_other_are_one_call_of_settle_batch() -> None:
    made = Manifest(64, BLOCK_GAS)
    for number in (1, 2, 3):
        made.add(row(number), call(number))
    (shipment,) = made.shipments
    assert shipment.call.data == batch_data([bytes([number]) * 8 for number in (1, 2, 3)])
    assert shipment.call.gas == GAS_OF_BATCH + 3 * GAS_OF_FILL
    assert shipment.call.to == EXCHANGE


def test_a_fill_by_itself_is_its_own_call() -> None:
    made = Manifest(64, BLOCK_GAS)
    made.add(row(1), call(1))
    assert made.shipments[0].call == call(1)


def test_no_fill_overtakes_another_call_nor_is_overtaken() -> None:
    """DOMAIN 16: what comes between two fills in the log, as a close or a move of units, comes between them."""
    assert manifest(row(1), row(2), row(3, Kind.MOVE), row(4), row(5)) == [[1, 2], [3], [4, 5]]


def test_an_anchor_ends_no_batch() -> None:
    assert manifest(row(1), row(9, Kind.ANCHOR), row(2)) == [[1, 2], [9]]


def test_the_end_of_one_order_ends_no_batch_and_that_of_all_does() -> None:
    """After it the log matches nothing of that order; fills of orders of a new epoch need the end of the old one."""
    assert manifest(row(1), row(2, Kind.CANCEL_PLACE), row(3)) == [[1, 3], [2]]
    assert manifest(row(1), row(2, Kind.CANCEL_ALL), row(3)) == [[1], [2], [3]]


def test_a_fill_that_went_in_vain_thrice_goes_alone_and_in_its_place() -> None:
    """Were it the one that makes a batch revert as a whole, the others would never be settled."""
    assert manifest(row(1), row(2, attempts=2), row(3, attempts=3), row(4), row(5)) == [[1, 2], [3], [4, 5]]


@given(st.integers(0, 3_000_000), st.integers(1, 40))
def test_no_batch_asks_for_more_gas_than_a_block_has(gas_limit: int, fills: int) -> None:
    made = Manifest(64, gas_limit)
    for number in range(fills):
        made.add(row(number), call(number))
    assert sum(len(shipment.rows) for shipment in made.shipments) == fills
    for shipment in made.shipments:
        assert len(shipment.rows) == 1 or shipment.call.gas <= gas_limit
        assert len(shipment.rows) <= MOST_TOGETHER


def test_there_is_room_for_so_many_transactions_and_for_what_joins_the_last() -> None:
    fills = [row(number) for number in range(2 * MOST_TOGETHER + 1)]
    assert [len(rows) for rows in manifest(*fills, room=2)] == [MOST_TOGETHER, MOST_TOGETHER]
    assert manifest(row(1), row(2, Kind.MOVE), row(3), room=1) == [[1]]
    assert manifest(row(1), row(9, Kind.ANCHOR), row(2), row(3, Kind.MOVE), row(4), room=2) == [[1, 2], [9]]


def test_only_fills_that_were_never_sent_go_untried_and_only_in_company() -> None:
    assert unaccompanied([row(1), row(2, Kind.MOVE)]) == {1, 2}
    several = [row(1), row(2), row(3, attempts=1), row(4, doubt=7), row(5, Kind.DEPOSIT)]
    assert unaccompanied(several) == {3, 4, 5}
