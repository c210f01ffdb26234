"""Terms of the market and reference prices: two persons, between trading days (DOMAIN 12 to 20, 23)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.bodies import ClockWindow, MarketHours
from attestation.market_words import Mode
from attestation.typed_data import Domain

AFTERNOON = (ClockWindow(start="13:00", until="15:00"),)


def hours(start: str, until: str) -> MarketHours:
    return MarketHours(listed=(ClockWindow(start=start, until=until),), block=AFTERNOON)


def test_terms_hold_from_the_entry_that_says_them(market) -> None:
    """DOMAIN 12: agreement is one mode, licensed the other, with the approval's document."""
    market.administer(market.approved(market.terms()))
    assert market.log.market_terms().mode == Mode.AGREEMENT
    market.administer(market.approved(market.terms(mode="licensed", lock_days=1, hours=hours("13:00", "15:00"))))
    terms = market.log.market_terms()
    assert (terms.mode, terms.lock_days) == (Mode.LICENSED, 1)
    assert terms.hours == hours("13:00", "15:00")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"op_id": "00" * 32}, "operation.form"),
        ({"mode": "auction"}, "body.choice"),
        ({"band_bps": 10_001}, "body.integer"),
        ({"block_band_bps": -1}, "body.integer"),
        ({"block_threshold": 0}, "body.integer"),
        ({"block_threshold": 2**24}, "body.integer"),
        ({"lock_days": 0}, "body.integer"),
        ({"lock_days": 6}, "body.integer"),
        ({"fee_bps": 256}, "body.integer"),
        ({"fee_account": "nobody at all"}, "identifier"),
        ({"minimum_volume": 2**40}, "body.integer"),
        ({"minimum_groups": 2**16}, "body.integer"),
        ({"maximum_holders": 2**16}, "body.integer"),
        ({"release_delay_s": 2**32}, "body.integer"),
        ({"document_hash": "00" * 32}, "bytes32.format"),
        ({"approvals": ()}, "approval.count"),
        ({"hours": MarketHours(listed=(), block=AFTERNOON)}, "market.windows"),
        ({"hours": MarketHours(listed=AFTERNOON, block=AFTERNOON * 2)}, "market.windows"),
        ({"hours": hours("9:30", "11:30")}, "market.windows"),
        (
            {"hours": hours("09:60", "11:30")},
            "market.windows",
        ),
        (
            {"hours": hours("23:00", "24:01")},
            "market.windows",
        ),
    ],
)
def test_terms_out_of_bounds_are_refused(market, world, changed: dict[str, object], rule: str) -> None:
    refusal = world.refusal_of(market.administer, replace(market.approved(market.terms()), **changed))
    assert refusal is not None
    assert refusal.rule.startswith(rule)
    assert refusal.step == 9


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"asset": "ccer"}, "market.tradable"),
        ({"asset": "cash"}, "market.tradable"),
        ({"price_fen": 0}, "body.integer"),
        ({"price_fen": 2**32}, "body.integer"),
        ({"reason": ""}, "body.reason"),
        ({"document_hash": "00" * 32}, "bytes32.format"),
    ],
)
def test_a_price_without_form_reason_or_document_is_refused(market, world, changed, rule: str) -> None:
    """DOMAIN 15: nobody posts a price except the opening one, or a reasoned override."""
    with world.refused(rule, 9):
        market.administer(replace(market.approved(market.price()), **changed))


def test_two_persons_of_two_bodies_sign_exactly_this(market, world) -> None:
    officer = market.units.persons[0]
    for body, member, value in ((market.terms(), "fee_bps", 1), (market.price(), "price_fen", 1)):
        with world.refused("approval.same_person", 12):
            market.administer(market.approved(body, persons=(officer, officer)))
        with world.refused("approval.signature", 12):
            market.administer(replace(market.approved(body), **{member: value}))
        with world.refused("approval.signature", 12):
            market.administer(market.approved(body, domain=Domain(31337, b"\x44" * 20, b"\x5a" * 32)))
        market.administer(market.approved(body))
        with world.refused("operation.used", 11, body.op_id):
            market.administer(market.approved(body))


def test_while_a_day_is_open_its_rules_and_its_price_hold(market, world, marketwork) -> None:
    market.opened()
    for body in (market.terms(), market.price()):
        with world.refused("market.open_day", 11, str(marketwork.FIRST_DAY)):
            market.administer(market.approved(body))
    market.administer(market.approved(market.price(7_000, asset="quota-2022")))
    market.administer(market.halt())
    with world.refused("market.open_day", 11):
        market.administer(market.approved(market.price()))
    market.administer(market.close())
    for body in (market.terms(), market.price(6_100)):
        market.administer(market.approved(body))


def test_terms_void_no_auction_that_was_announced(market, world, marketwork) -> None:
    """DOMAIN 14: sealed bids name the fee that was the highest, and the day of the result must be able to open. What
    does neither may change: by it a day is let open that no hours allow."""
    market.administer(market.approved(market.terms(fee_bps=5)))
    lot = market.say(market.lot(fee_limit_bps=5))
    saturday = 2024_05_25
    for day in (marketwork.FIRST_DAY, saturday):
        other = lot if day == marketwork.FIRST_DAY else market.say(market.lot(100, fee_limit_bps=5))
        announced = market.auction(other, day=day)
        market.administer(announced)
    with world.refused("market.auctions", 11, "fee 6 bps") as caught:
        market.administer(market.approved(market.terms(fee_bps=6)))
    assert "at most 5 bps" in str(caught.value.expected)
    with world.refused("market.auctions", 11, str(saturday)):
        market.administer(market.approved(market.terms(hours=hours("09:30", "11:30"))))
    market.administer(market.approved(market.terms(fee_bps=4, band_bps=2_000, hours=None)))
    with world.refused("market.auctions", 11, "fee 5 bps"):
        market.administer(market.approved(market.terms(fee_bps=5)))


def test_fees_go_to_an_account(market, world, cases) -> None:
    """DOMAIN 20."""
    for name, rule in (("88.608.9999/nobody", "account.unknown"), (cases.V1, "account.kind")):
        with world.refused(rule, 11):
            market.administer(market.approved(market.terms(fee_account=name)))
