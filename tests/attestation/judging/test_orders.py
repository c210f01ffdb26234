"""What a holder takes back, moves and withdraws (DOMAIN 16, 17, 21)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.facts.assets import HoldingRecord
from attestation.facts.market import CashRecord, TradingRecord
from attestation.typed_data import Domain


@pytest.fixture
def trading(market):
    market.opened()
    return market


def test_an_order_of_one_s_own_is_cancelled_once(trading, world) -> None:
    placed = trading.say(trading.sell())
    with world.refused("order.account", 11, placed.hex()):
        trading.say(trading.cancel(placed), trading.tiles)
    with world.refused("order.unknown", 11, "ab" * 32):
        trading.say(trading.cancel(b"\xab" * 32))
    trading.say(trading.cancel(placed))
    assert trading.log.order(placed).status == "cancelled"
    with world.refused("order.ended", 11, "cancelled"):
        trading.say(trading.cancel(placed))
    taken = trading.say(trading.sell())
    trading.say(trading.accepting(taken), trading.tiles)
    with world.refused("order.ended", 11, "filled"):
        trading.say(trading.cancel(taken))


def test_what_is_cancelled_binds_nothing(trading, world) -> None:
    placed = trading.say(trading.sell(5_000))
    with world.refused("order.units", 11):
        trading.say(trading.sell(1))
    trading.say(trading.cancel(placed))
    trading.say(trading.sell(5_000))


def test_all_orders_of_an_epoch_end_together(trading, world) -> None:
    orders = [trading.say(trading.sell(1)) for _ in range(3)]
    other = trading.say(trading.sell(1), trading.tiles)
    for epoch in (0, 2**24):
        with world.refused("body.integer", 9):
            trading.say(trading.cancel_all(epoch))
    trading.say(trading.cancel_all(3))
    assert {trading.log.order(order).status for order in orders} == {"cancelled"}
    assert trading.log.order(other).status == "open"
    for epoch in (1, 3):
        with world.refused("order.epoch", 11, str(epoch)) as caught:
            trading.say(trading.cancel_all(epoch))
        assert caught.value.expected == "above 3"


def test_at_any_hour_orders_are_taken_back(trading, marketwork) -> None:
    placed = trading.say(trading.sell())
    trading.administer(trading.halt())
    trading.log.now += 10 * marketwork.HOUR
    trading.say(trading.cancel(placed))


def test_words_are_used_once_before_their_deadline_and_by_their_signer(trading, world, marketwork) -> None:
    placed = trading.say(trading.sell())
    for body in (trading.cancel(placed), trading.cancel_all(), trading.move(1, "cash"), trading.withdraw(1)):
        trading.log.now += marketwork.DAY
        with world.refused("order.expired", 10):
            trading.say(body)
        trading.log.now -= marketwork.DAY
        with world.refused("operation.form", 9):
            trading.say(replace(body, op_id="00" * 32))
    trading.administer(trading.approved(trading.bind()), "cash")
    for body in (trading.cancel(placed), trading.cancel_all(), trading.move(1, "cash"), trading.withdraw(1)):
        with world.refused("order.signature", 12):
            trading.say(body, by=trading.tiles)
        with world.refused("order.signature", 12):
            trading.say(body, domain=Domain(31337, b"\x66" * 20, b"\x5b" * 32))
    moved = trading.move(1, "cash")
    trading.say(moved)
    for body in (moved, trading.withdraw(1, op_id=moved.op_id), trading.cancel_all(op_id=moved.op_id)):
        with world.refused("operation.used", 11, moved.op_id):
            trading.say(body)


def test_units_move_in_out_of_the_registry_and_back(trading, world, marketwork) -> None:
    """DOMAIN 22: registry and trading are one balance's two places."""
    account = (trading.steel, marketwork.ASSET)
    trading.log.held[account] = HoldingRecord(registry=300)
    with world.refused("asset.balance", 11, "301 t"):
        trading.say(trading.move(301))
    trading.say(trading.move(300))
    assert trading.log.trading(*account).movable == 5_300
    assert trading.log.holding(*account).available == 0
    trading.say(trading.move(5_300, inward=False))
    assert trading.log.holding(*account).available == 5_300
    with world.refused("order.units", 11, "1 t"):
        trading.say(trading.move(1, inward=False))


def test_before_there_are_terms_nobody_begins_to_trade(market, world, marketwork) -> None:
    """DOMAIN 12: how many may is the terms' to say."""
    del market.log.funds[market.steel], market.log.traded[market.steel, marketwork.ASSET]
    market.log.held[market.steel, marketwork.ASSET] = HoldingRecord(registry=300)
    with world.refused("market.none", 11):
        market.say(market.move(300))
    with world.refused("market.none", 11):
        market.administer(market.approved(market.deposit(1)), "cash")
    market.administer(market.approved(market.terms()))
    market.say(market.move(300))


def test_units_behind_an_order_cannot_leave_and_locked_ones_can(trading, world, marketwork) -> None:
    """DOMAIN 16: what is locked may be surrendered, what is offered may not go."""
    trading.log.traded[trading.steel, marketwork.ASSET] = TradingRecord(trading=1_000, locked=400, unsettled=100)
    placed = trading.say(trading.sell(500))
    with world.refused("order.units", 11, "401 t") as caught:
        trading.say(trading.move(401, inward=False))
    assert "at most 400 t of quota-2023" in caught.value.expected
    trading.say(trading.move(400, inward=False))
    trading.say(trading.cancel(placed))
    trading.say(trading.move(500, inward=False))


def test_only_quota_and_cash_are_moved(trading, world) -> None:
    with world.refused("market.tradable", 9, "ccer"):
        trading.say(trading.move(1, "ccer"))
    with world.refused("asset.form", 9, "CNY"):
        trading.bring(replace(trading.move(1), asset="CNY"), trading.steel)
    with world.refused("body.integer", 9):
        trading.bring(trading.move(0, "cash"), trading.steel)
    with world.refused("json.integer", 2):
        trading.bring(trading.move(2**53, "cash"), trading.steel)


def test_cash_moves_as_far_as_it_is_free(trading, world) -> None:
    """DOMAIN 17, 20, 21."""
    trading.log.funds[trading.steel] = CashRecord(free=1_000, trading=700_000)
    with world.refused("cash.balance", 11, "1001 fen"):
        trading.say(trading.move(1_001, "cash"))
    trading.say(trading.move(1_000, "cash"))
    trading.say(trading.buy(100, 6_000))
    with world.refused("order.cash", 11, "101001 fen") as caught:
        trading.say(trading.move(101_001, "cash", inward=False))
    assert "at most CNY 1010.00 (101000 fen)" in caught.value.expected
    trading.say(trading.move(101_000, "cash", inward=False))


def test_cash_is_withdrawn_to_the_bound_account_alone(trading, world, marketwork) -> None:
    """DOMAIN 21: another account's name is refused, and what is not free."""
    with world.refused("cash.account", 11, marketwork.BANK) as caught:
        trading.say(trading.withdraw(1))
    assert "bound" in caught.value.expected
    trading.administer(trading.approved(trading.bind()), "cash")
    with world.refused("cash.account", 11, "cc" * 32) as caught:
        trading.say(trading.withdraw(1, bank_account="cc" * 32))
    assert caught.value.expected == marketwork.BANK
    with world.refused("cash.balance", 11, "1001 fen"):
        trading.say(trading.withdraw(1_001))
    trading.say(trading.withdraw(600))
    with world.refused("cash.balance", 11, "401 fen"):
        trading.say(trading.withdraw(401))
    with world.refused("bytes32.format", 9):
        trading.bring(replace(trading.withdraw(1), bank_account="ICBC"), trading.steel)


def test_while_the_bank_disagrees_no_cash_moves_and_units_do(trading, world, marketwork) -> None:
    """DOMAIN 21."""
    trading.administer(trading.approved(trading.bind()), "cash")
    placed = trading.say(trading.sell())
    trading.administer(trading.reconcile(5), "cash")
    for body in (trading.move(1, "cash"), trading.move(1, "cash", inward=False), trading.withdraw(1)):
        with world.refused("cash.halted", 11):
            trading.say(body)
    trading.say(trading.cancel(placed))
    trading.say(trading.move(1, inward=False))
