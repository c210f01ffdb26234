"""Terms and price of a year, and what is settled after it (DOMAIN 2 to 7, 11, 23)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.bodies.compliance import ACCOUNTS_LIMIT
from attestation.instants import format_instant
from attestation.typed_data import Domain

STEEL, TILES = "88.608.5290/steel", "88.608.5291/tiles"


def test_terms_are_two_persons_and_change_until_their_deadline(units, world, unitwork) -> None:
    units.settle(units.signed(units.terms()))
    assert units.log.year_terms(units.year).offset_cap_bps == 500
    units.settle(units.signed(units.terms(offset_cap_bps=1_000)))
    assert units.log.year_terms(units.year).offset_cap_bps == 1_000
    units.log.now = unitwork.DEADLINE
    later = units.terms(surrender_deadline=format_instant(unitwork.DEADLINE + 1))
    with world.refused("terms.fixed", 11, str(units.year)):
        units.settle(units.signed(later))


def test_terms_of_one_person_another_contract_or_twice_are_refused(units, world, unitwork) -> None:
    order = units.terms()
    with world.refused("approval.count", 9):
        units.settle(order)
    officer = units.persons[0]
    with world.refused("approval.same_person", 12):
        units.settle(units.signed(order, persons=(officer, officer)))
    for domain in (unitwork.LEDGER, Domain(31337, unitwork.COMPLIANCE.verifying_contract, b"\x5b" * 32)):
        with world.refused("approval.signature", 12):
            units.settle(units.signed(order, domain=domain))
    with world.refused("approval.signature", 12):
        units.settle(replace(units.signed(order), offset_cap_bps=501))
    units.settle(units.signed(order))
    with world.refused("operation.used", 11, order.op_id):
        units.settle(units.signed(order))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"offset_cap_bps": 10_001}, "body.integer"),
        ({"carry_base_bps": -1}, "body.integer"),
        ({"charge_multiple_bps": 2**32}, "body.integer"),
        ({"carry_over_until": "2025-01-01T00:00:00+08:00"}, "terms.order"),
        ({"closes_at": "2025-01-31T23:59:59+08:00"}, "terms.order"),
        ({"surrender_deadline": "1970-01-01T00:00:00Z"}, "terms.order"),
        ({"closes_at": "never"}, "instant.format"),
        ({"year": 1989}, "body.integer"),
        ({"document_hash": "00" * 32}, "bytes32.format"),
    ],
)
def test_terms_have_bounds(units, world, changed: dict[str, object], rule: str) -> None:
    with world.refused(rule, 9):
        units.settle(units.terms(**changed))


def test_a_price_holds_until_it_is_charged_by(units, world) -> None:
    """DOMAIN 7."""
    units.settle(units.signed(units.price()))
    units.settle(units.signed(units.price(10_000)))
    assert units.log.price(units.year) == 10_000
    units.log.charged.add(units.year)
    with world.refused("price.fixed", 11):
        units.settle(units.signed(units.price(9_000)))
    with world.refused("body.integer", 9):
        units.settle(units.price(0))


def test_a_year_is_assessed_once_per_figure_after_its_deadline(units, world, unitwork) -> None:
    with world.refused("terms.none", 11):
        units.settle(units.assess())
    units.obliged(1_000)
    with world.refused("assess.early", 11):
        units.settle(units.assess())
    with world.refused("obligation.none", 11):
        units.settle(units.assess(TILES))
    with world.refused("account.kind", 11):
        units.settle(units.assess(world.PARK))
    units.log.now = unitwork.DEADLINE
    with world.refused("assess.price", 11, "1000 t"):
        units.settle(units.assess())
    units.settle(units.signed(units.price()))
    units.settle(units.assess())
    with world.refused("assess.repeated", 11):
        units.settle(units.assess())
    units.obliged(1_040)
    with world.refused("assess.early", 11):
        units.settle(units.assess())


def test_where_nothing_is_missing_no_price_is_asked_for(units, unitwork) -> None:
    units.hold(units.signed(units.carry_in(100)))
    units.obliged(100)
    units.say(units.surrender(100))
    units.log.now = unitwork.DEADLINE
    units.settle(units.assess())
    assert units.log.assessed(STEEL, units.year) == units.log.entries[-1].index


def test_an_excess_of_an_amendment_is_credited_once(units, world) -> None:
    """DOMAIN 2: down, and quota that was surrendered never returns."""
    units.hold(units.signed(units.carry_in(1_000)))
    units.obliged(1_000)
    units.say(units.surrender(1_000))
    with world.refused("credit.none", 11):
        units.settle(units.credit())
    units.obliged(900)
    units.settle(units.credit())
    with world.refused("credit.none", 11):
        units.settle(units.credit())


def test_a_year_closes_after_its_end(units, world, unitwork) -> None:
    """DOMAIN 6, 11."""
    units.settle(units.signed(units.terms()))
    with world.refused("close.early", 11):
        units.settle(units.close())
    units.log.now = unitwork.CARRY_UNTIL
    with world.refused("account.unknown", 11, "88.608.9999/nobody"):
        units.settle(units.close(STEEL, "88.608.9999/nobody"))
    units.settle(units.close(STEEL, TILES))
    many = [f"88.608.6000/w{number:03}" for number in range(ACCOUNTS_LIMIT + 1)]
    for accounts in ([TILES, STEEL], [STEEL, STEEL], many):
        with world.refused("close.accounts", 9):
            units.settle(units.close(*accounts))
    with world.refused("close.accounts", 9):
        units.settle(replace(units.close(), accounts=()))


def test_a_log_without_the_contract_settles_nothing(units, world) -> None:
    order = units.signed(units.terms())
    units.log.compliance_domain = None
    with world.refused("asset.no_contract", 11, "Compliance"):
        units.settle(order)
