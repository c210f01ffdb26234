"""Which orders may stand (DOMAIN 12 to 20): every bad one that the log can know of, and the good one beside it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from attestation.facts.assets import HoldingRecord
from attestation.facts.market import TradingRecord
from attestation.instants import china_time, parse_instant
from attestation.judging.trading_balances import cost_fen
from attestation.keys import Algorithm, Kind, Purpose
from attestation.typed_data import Domain


@pytest.fixture
def trading(market):
    """Agreement mode, a reference of 60.00, band 54.00 to 66.00 (STORY 6), an open day."""
    market.opened()
    return market


def test_an_offer_rests_and_is_accepted_at_its_price(trading) -> None:
    """STORY 6: B sells A 700 t at 62.50."""
    offer = trading.say(trading.sell(700, 6_250), trading.tiles)
    assert trading.log.order(offer).status == "open"
    assert trading.log.trading(trading.tiles, 0x10000 + 2023).sellable == 4_300
    trading.say(trading.accepting(offer))
    assert trading.log.order(offer).status == "filled"


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_the_band_is_the_reference_and_its_share_to_the_fen(trading, world, side: str) -> None:
    """DOMAIN 13, 15; STORY 6: at 60.00 a bid at 66.01 is refused."""
    for fen in (5_400, 6_600):
        trading.say(trading.order(side, 10, fen))
    for fen in (6_601, 5_399):
        with world.refused("market.band", 11, str(fen)) as caught:
            trading.say(trading.order(side, 10, fen))
        assert caught.value.expected == "CNY 54.00 to 66.00 per tonne (5400 to 6600 fen)"
        assert "每吨 54.00 至 66.00 元（5400 至 6600 分）" in caught.value.message_zh


def test_a_band_of_an_odd_reference_is_rounded_inward(market, world) -> None:
    """DOMAIN 15: of 60.05 ten per cent are 54.045 and 66.055."""
    market.opened(6_005)
    for fen, fits in ((5_404, False), (5_405, True), (6_605, True), (6_606, False)):
        refusal = world.refusal_of(market.say, market.sell(1, fen))
        assert (refusal is None) == fits, fen


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"tonnes": 0}, "body.integer"),
        ({"tonnes": 2**32}, "body.integer"),
        ({"price_fen": 0}, "body.integer"),
        ({"price_fen": 2**32}, "body.integer"),
        ({"minimum_fill": 101}, "body.integer"),
        ({"minimum_fill": -1}, "body.integer"),
        ({"fee_limit_bps": 10_001}, "body.integer"),
        ({"epoch": 2**24}, "body.integer"),
        ({"asset": "ccer"}, "market.tradable"),
        ({"asset": "cash"}, "market.tradable"),
        ({"asset": "cea-2023"}, "asset.form"),
        ({"side": "short"}, "body.choice"),
        ({"kind": "market"}, "body.choice"),
        ({"salt": "5"}, "bytes32.format"),
        ({"accepts": "0x" + "00" * 32, "counterparty": "88.608.5291/tiles"}, "bytes32.format"),
        ({"deadline": "tomorrow"}, "instant.format"),
        ({"signature": "ab" * 64}, "hex.format"),
        ({"counterparty": "no identifier"}, "identifier.form"),
        ({"auction": "00" * 32}, "operation.form"),
        ({"auction": "ab" * 32}, "order.members"),
        ({"kind": "block"}, "order.counterparty"),
        ({"kind": "bilateral"}, "order.counterparty"),
        ({"accepts": "ab" * 32}, "order.counterparty"),
        ({"kind": "auction", "counterparty": "88.608.5291/tiles"}, "order.counterparty"),
        ({"kind": "auction", "minimum_fill": 2}, "order.members"),
        ({"kind": "auction", "side": "buy"}, "order.members"),
        ({"kind": "auction", "auction": "ab" * 32}, "order.members"),
        ({"kind": "auction", "accepts": "ab" * 32}, "order.members"),
    ],
)
def test_a_form_that_is_none_is_refused_first(trading, world, changed: dict[str, object], rule: str) -> None:
    """Only quota is tradable, a lot is a tonne, the tick is a fen (DOMAIN 15)."""
    if rule.startswith("identifier"):
        refusal = world.refusal_of(trading.bring, replace(trading.sell(), **changed), trading.steel)
        assert refusal is not None
        assert refusal.rule.startswith("identifier.")
        assert refusal.step == 9
        return
    with world.refused(rule, 9):
        trading.bring(replace(trading.sell(), **changed), trading.steel)


def test_a_value_that_overflows_is_refused_whatever_is_held(trading, world) -> None:
    with world.refused("order.value", 9, "4294967295 t at 4294967295 fen"):
        trading.say(trading.sell(2**32 - 1, 2**32 - 1))
    with world.refused("order.value", 9):
        trading.say(trading.buy(2**24, 2**24))


def test_nobody_trades_with_itself(trading, world) -> None:
    with world.refused("order.self", 9, trading.steel):
        trading.say(trading.sell(counterparty=trading.steel))
    offer = trading.say(trading.sell())
    with world.refused("order.self", 9):
        trading.say(trading.accepting(offer))


def test_a_signature_of_another_key_deployment_contract_or_price_is_none(trading, world) -> None:
    body = trading.sell()
    elsewhere = (
        Domain(31337, b"\x66" * 20, b"\x5b" * 32),
        Domain(31337, b"\x44" * 20, b"\x5a" * 32),
        Domain(1, b"\x66" * 20, b"\x5a" * 32),
    )
    for domain in elsewhere:
        with world.refused("order.signature", 12):
            trading.say(body, domain=domain)
    with world.refused("order.signature", 12):
        trading.say(body, by=trading.tiles)
    with world.refused("order.signature", 12):
        trading.bring(replace(trading.signed(body, trading.steel), price_fen=6_001), trading.steel)
    with world.refused("order.signature", 12):
        trading.bring(trading.signed(body, trading.steel), trading.tiles)
    with world.refused("order.signature", 12):
        trading.bring(body, trading.steel)


def test_only_an_asset_key_that_the_contract_knows_trades(trading, world) -> None:
    """An unsigned order, one by another purpose, one by a key of another algorithm."""
    glass = "88.608.5292/glass"
    administration = world.seeded(Algorithm.ED25519, 901)
    statement, edwards = (world.seeded(algorithm, 900) for algorithm in (Algorithm.ES256K, Algorithm.ED25519))
    trading.park.enrol(glass, Kind.ENTERPRISE, Purpose.ADMINISTRATION, parent=world.PARK, key=administration)
    trading.park.keys[glass] = administration
    trading.park.add(glass, edwards, Purpose.ASSET, by=administration)
    trading.park.add(glass, statement, Purpose.STATEMENT, by=administration)
    body = replace(trading.sell(), signature="0x" + "11" * 64)
    for key, rule, step in (
        (edwards, "order.key", 11),
        (statement, "purpose.key", 8),
        (administration, "purpose.key", 8),
    ):
        entry = trading.park.sign("order", body, iss=glass, key=key, stream="own", iat=trading.log.now)
        with world.refused(rule, step):
            trading.log.accept(entry)


def test_an_order_is_placed_once_and_never_again_after_its_end(trading, world) -> None:
    """Replayed, while it rests and after it was cancelled."""
    body = trading.sell()
    placed = trading.say(body)
    with world.refused("order.known", 11, "open"):
        trading.say(body)
    trading.say(trading.cancel(placed))
    with world.refused("order.known", 11, "cancelled"):
        trading.say(body)
    trading.say(replace(body, salt="ee" * 32))


def test_an_order_is_placed_before_its_deadline_and_in_its_epoch(trading, world, marketwork) -> None:
    late = trading.sell()
    trading.log.now += marketwork.DAY
    with world.refused("order.expired", 10, late.deadline):
        trading.say(late)
    trading.log.now -= marketwork.DAY
    trading.say(trading.cancel_all(7))
    for epoch in (0, 6, 8):
        with world.refused("order.epoch", 11, str(epoch)):
            trading.say(trading.sell(epoch=epoch))
    trading.say(trading.sell(epoch=7))


def test_outside_its_hours_the_market_is_closed(market, world, marketwork) -> None:
    """DOMAIN 13: listed and block have their own windows, each without its end."""
    with world.refused("market.none", 11):
        market.say(market.sell())
    market.administer(market.approved(market.terms()))
    market.administer(market.approved(market.price()))
    with world.refused("market.closed", 11, "no trading day"):
        market.say(market.sell())
    hour = marketwork.HOUR
    windows = (market.window(hour, 2 * hour), market.window(3 * hour, 4 * hour))
    market.administer(market.day(windows=windows, block_windows=windows[1:], cut_off=windows[1].until))
    began = market.log.now
    block = {"kind": "block", "counterparty": market.tiles}
    for hours, listed, blocks in ((0.5, False, False), (1, True, False), (2, False, False), (3, True, True)):
        market.log.now = began + int(hours * hour)
        assert (world.refusal_of(market.say, market.sell(1)) is None) == listed
        assert (world.refusal_of(market.say, market.sell(1_000, **block)) is None) == blocks
    market.log.now = began + 4 * hour
    with world.refused("market.closed", 11) as caught:
        market.say(market.sell(1))
    assert china_time(parse_instant(windows[0].start)) in caught.value.expected


def test_a_halted_day_takes_no_order_and_a_closed_one_none(trading, world) -> None:
    trading.administer(trading.halt())
    for kind in ({}, {"kind": "bilateral", "counterparty": trading.tiles}):
        with world.refused("market.halted", 11):
            trading.say(trading.sell(**kind))
    trading.administer(trading.resume())
    trading.say(trading.sell())
    trading.administer(trading.close())
    with world.refused("market.closed", 11, "closed") as caught:
        trading.say(trading.sell())
    assert caught.value.expected.startswith("a trading day after "), "no time of a closed day would be any better"
    trading.say(trading.sell(1, 100, kind="bilateral", counterparty=trading.tiles))


def test_a_block_is_large_has_its_own_band_and_names_with_whom(trading, world) -> None:
    """DOMAIN 13: 1,000 t, 30 %."""
    named = {"kind": "block", "counterparty": trading.tiles}
    with world.refused("market.block", 11, "999 t"):
        trading.say(trading.sell(999, **named))
    for fen, fits in ((4_199, False), (4_200, True), (7_800, True), (7_801, False)):
        refusal = world.refusal_of(trading.say, trading.sell(1_000, fen, **named))
        assert (refusal is None) == fits
        assert fits or refusal.rule == "market.band"


def test_no_more_is_offered_than_may_be_sold(trading, world, marketwork) -> None:
    """DOMAIN 16, 17: sellable is trading less locked less in orders; the refusal says which."""
    account = (trading.steel, marketwork.ASSET)
    trading.log.traded[account] = TradingRecord(trading=1_000, locked=300, unsettled=50)
    trading.say(trading.sell(600))
    with world.refused("order.units", 11, "51 t") as caught:
        trading.say(trading.sell(51))
    assert "at most 50 t of quota-2023" in caught.value.expected
    assert "300 t are locked, 600 t in orders" in caught.value.expected
    trading.say(trading.sell(50))
    with world.refused("order.units", 11, "1 t"):
        trading.say(trading.sell(1, kind="auction", minimum_fill=0))


def test_no_more_is_bid_than_there_is_cash_with_the_fee(market, world) -> None:
    """DOMAIN 20: value and fees are reserved with the buy, as many fees as it may have fills."""
    market.opened(fee_bps=25)
    whole = {"fee_limit_bps": 25, "minimum_fill": 16_600}
    assert cost_fen(16_600, 6_000, 25, 16_600) == 99_600_000 + 249_000
    assert cost_fen(16_600, 6_000, 25, 1) == 99_600_000 + 249_000 + 8_300
    with world.refused("order.cash", 11, "100245991 fen") as caught:
        market.say(market.buy(16_666, **whole))
    assert "at most CNY 1000000.00 (100000000 fen)" in caught.value.expected
    market.say(market.buy(16_600, **whole))
    with world.refused("order.cash", 11, "156390 fen") as caught:
        market.say(market.buy(26, fee_limit_bps=25, minimum_fill=26))
    assert "at most CNY 1510.00 (151000 fen)" in caught.value.expected
    market.say(market.buy(25, fee_limit_bps=25, minimum_fill=25))


def test_a_fee_above_the_order_s_limit_is_refused(market, world) -> None:
    market.opened(fee_bps=25)
    for side in ("buy", "sell"):
        with world.refused("order.fee", 11, "24"):
            market.say(market.order(side, fee_limit_bps=24))
        market.say(market.order(side, 1, fee_limit_bps=25))


@given(st.lists(st.integers(1, 2**20), min_size=1, max_size=9), st.integers(1, 2**20), st.integers(0, 255))
def test_what_is_reserved_pays_for_every_split_into_fills(fills: list[int], price: int, bps: int) -> None:
    """DOMAIN 20, against decimal arithmetic: each fill's fee is half-up to the fen."""
    fees = [(Decimal(tonnes * price) * bps / 10_000).quantize(Decimal(1), ROUND_HALF_UP) for tonnes in fills]
    total = sum(fills)
    assert total * price + sum(fees) <= cost_fen(total, price, bps, min(fills))
    assert fills[0] * price + fees[0] == cost_fen(fills[0], price, bps, fills[0])


def test_who_is_suspended_places_nothing(trading, world) -> None:
    trading.units.hold(trading.units.signed(trading.units.suspend()))
    for body in (trading.sell(), trading.buy(), trading.move(1), trading.withdraw(1)):
        with world.refused("account.suspended", 11, trading.steel):
            trading.say(body)


def test_the_operator_holds_no_trading_account(trading, world) -> None:
    """DOMAIN 8: the park sells lots of its reserve in auctions, and that is all."""
    park = trading.memory.PARK
    trading.log.traded[park, 0x10000 + 2023] = TradingRecord(trading=2_000)
    for body in (trading.sell(), trading.buy(), trading.sell(kind="bilateral", counterparty=trading.steel)):
        with world.refused("order.park", 11):
            trading.say(body, park)
    trading.say(trading.lot(), park)


def test_a_counterparty_is_an_account(trading, world, cases) -> None:
    for name, rule in (("88.608.9999/nobody", "account.unknown"), (cases.V1, "account.kind")):
        with world.refused(rule, 11):
            trading.say(trading.sell(counterparty=name))


def test_while_cash_stands_still_nothing_is_placed(trading, world) -> None:
    """DOMAIN 21: a fill could not be settled."""
    trading.administer(trading.reconcile(1), "cash")
    with world.refused("cash.halted", 11):
        trading.say(trading.sell())
    trading.administer(trading.reconcile(0), "cash")
    trading.say(trading.sell())


def test_no_more_accounts_trade_than_the_terms_allow(market, world) -> None:
    """DOMAIN 12: at most so many holders."""
    market.opened(maximum_holders=2)
    del market.log.funds[market.steel], market.log.traded[market.steel, 0x10000 + 2023]
    market.log.held[market.steel, 0x10000 + 2023] = HoldingRecord(registry=1)
    for body in (market.move(1), market.move(1, "cash")):
        with world.refused("holders.limit", 11, "after 2"):
            market.say(body)
    with world.refused("holders.limit", 11, market.steel):
        market.administer(market.approved(market.deposit(1)), "cash")
    market.administer(market.approved(market.deposit(1, account=market.tiles)), "cash")
    market.administer(market.close())
    market.administer(market.approved(market.terms(maximum_holders=3)))
    market.say(market.move(1))


def test_a_log_without_an_exchange_takes_no_order(trading, world) -> None:
    body = trading.signed(trading.sell(), trading.steel)
    trading.log.exchange_domain = None
    with world.refused("asset.no_contract", 11, "Exchange"):
        trading.bring(body, trading.steel)
