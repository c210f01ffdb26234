"""What the registrar does to accounts, by two persons (DOMAIN 4, 22 to 24, 30, 31)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.bodies import CancelUnits
from attestation.facts.assets import OwedRecord
from attestation.keys import Algorithm, Kind, Purpose
from attestation.typed_data import Domain


@pytest.fixture
def held(units):
    """A thousand tonnes of the year carried in by the steelworks."""
    units.hold(units.signed(units.carry_in(1_000)))
    return units


def test_the_park_s_account_is_issued_a_vintage(units, world) -> None:
    """DOMAIN 30: all that was issued is the cap, and it is the park's to allocate."""
    units.hold(units.signed(units.issue(92_000)))
    assert units.log.holding(world.PARK, 0x10000 + units.year).available == 92_000
    with world.refused("account.kind", 11, "enterprise"):
        units.hold(units.signed(units.issue(account="88.608.5290/steel")))
    with world.refused("account.unknown", 11):
        units.hold(units.signed(units.issue(account="88.608.9999/nobody")))


def test_two_persons_of_two_bodies_approve(units, world) -> None:
    """DOMAIN 23; one approval, the same person twice, two of one body, another order, another deployment."""
    order = units.issue()
    officer, _ = units.persons
    colleague = "88.608.100/colleague"
    units.park.enrol(colleague, Kind.PERSON, Purpose.ADMINISTRATION, parent=world.PARK, algorithm=Algorithm.ES256K)
    with world.refused("approval.count", 9):
        units.hold(order)
    with world.refused("approval.count", 9):
        units.hold(units.signed(order, persons=(officer,)))
    with world.refused("approval.same_person", 12, officer):
        units.hold(units.signed(order, persons=(officer, officer)))
    with world.refused("approval.same_body", 12, world.PARK):
        units.hold(units.signed(order, persons=(officer, colleague)))
    with world.refused("approval.signature", 12):
        units.hold(replace(units.signed(order), tonnes=order.tonnes + 1))
    for other in (Domain(31337, b"\x44" * 20, b"\x5b" * 32), Domain(31337, b"\x45" * 20, b"\x5a" * 32)):
        with world.refused("approval.signature", 12):
            units.hold(units.signed(order, domain=other))
    units.hold(units.signed(order))


def test_only_the_registrar_orders(units, world) -> None:
    with world.refused("purpose.registrar", 8):
        units.hold(units.signed(units.issue()), iss="88.608.5290/steel")


def test_an_operation_is_used_once(held, world) -> None:
    first = held.issue()
    held.hold(held.signed(first))
    again = held.issue(op_id=first.op_id, tonnes=5)
    with world.refused("operation.used", 11, first.op_id):
        held.hold(held.signed(again))
    other = held.freeze(1, op_id=first.op_id)
    with world.refused("operation.used", 11):
        held.hold(held.signed(other))


@pytest.mark.parametrize("text", ["0" * 64, "AB" * 32, "ab" * 31, ""])
def test_an_operation_is_32_bytes_and_not_zero(units, world, text: str) -> None:
    with world.refused("operation.form", 9):
        units.hold(units.issue(op_id=text))


@pytest.mark.parametrize("tonnes", [0, -1, 2**53])
def test_tonnes_are_at_least_one_and_fit(units, world, tonnes: int) -> None:
    """Amounts near 2^96 are no JSON integer that any reader is sure of."""
    rule = ("body.integer", 9) if tonnes < 2**53 else ("json.integer", 2)
    with world.refused(*rule):
        units.hold(units.issue(tonnes))


def test_a_document_is_named(units, world) -> None:
    for hash_ in ("00" * 32, "xy" * 32):
        with world.refused("bytes32.format", 9):
            units.hold(units.issue(document_hash=hash_))
    with world.refused("body.reason", 9):
        units.hold(units.issue(reason=" "))


def test_no_more_is_cancelled_moved_or_frozen_than_is_held(held, world) -> None:
    """DOMAIN 22; what is on its way out counts."""
    for order in (held.of_units(CancelUnits, 1_001), held.freeze(1_001), held.transfer(1_001)):
        with world.refused("asset.balance", 11, "1001 t"):
            held.hold(held.signed(order))
    held.hold(held.signed(held.of_units(CancelUnits, 400)))
    held.hold(held.signed(held.transfer(300)))
    with world.refused("asset.balance", 11, "301 t") as caught:
        held.hold(held.signed(held.freeze(301)))
    assert "300 t of quota-2023" in caught.value.expected
    held.hold(held.signed(held.freeze(300)))
    held.hold(held.signed(held.of_units(CancelUnits, 300, account="88.608.5291/tiles")))


def test_frozen_units_do_not_move(held, world) -> None:
    order = held.signed(held.freeze(900))
    held.hold(order)
    with world.refused("asset.balance", 11):
        held.hold(held.signed(held.transfer(101)))
    with world.refused("freeze.left", 11, "901 t"):
        held.hold(held.signed(held.release(order, 901)))
    held.hold(held.signed(held.release(order, 500)))
    held.hold(held.signed(held.transfer(600)))
    with world.refused("freeze.left", 11):
        held.hold(held.signed(held.release(order, 401)))


def test_an_enforcement_takes_units_out_of_a_freeze(held, world) -> None:
    order = held.signed(held.freeze(900))
    held.hold(order)
    with world.refused("freeze.other", 11):
        held.hold(held.signed(held.transfer(1, freeze=order.op_id, asset="quota-2022")))
    with world.refused("freeze.other", 11):
        held.hold(held.signed(held.transfer(1, freeze=order.op_id, sender="88.608.5291/tiles", receiver=world.PARK)))
    with world.refused("freeze.unknown", 11):
        held.hold(held.signed(held.transfer(1, freeze="cd" * 32)))
    held.hold(held.signed(held.transfer(900, freeze=order.op_id, cause="enforcement")))
    with world.refused("freeze.left", 11):
        held.hold(held.signed(held.release(order, 1)))


def test_an_emergency_freeze_holds_a_day_unless_it_is_confirmed(held, world) -> None:
    """DOMAIN 23."""
    order = held.freeze(500, approvals=None)
    held.hold(order)
    with world.refused("freeze.early", 11):
        held.hold(held.lapse(order))
    held.log.now += 86_400
    with world.refused("freeze.late", 11):
        held.hold(held.confirm(order))
    with world.refused("freeze.late", 11):
        held.hold(held.signed(held.transfer(1, freeze=order.op_id, cause="enforcement")))
    held.hold(held.lapse(order))
    for later in (held.lapse(order), held.confirm(order), held.signed(held.release(order, 1))):
        with world.refused("freeze.over", 11):
            held.hold(later)


def test_a_freeze_that_was_released_whole_does_not_lapse(held, world) -> None:
    order = held.freeze(500, approvals=None)
    held.hold(order)
    held.hold(held.signed(held.release(order, 500)))
    held.log.now += 86_400
    with world.refused("freeze.left", 11):
        held.hold(held.lapse(order))


def test_a_confirmed_freeze_does_not_lapse(held, world) -> None:
    order = held.freeze(500, approvals=None)
    held.hold(order)
    other = held.freeze(400, op_id=order.op_id)
    with world.refused("approval.signature", 12):
        held.hold(held.confirm(other))
    held.hold(held.confirm(order))
    with world.refused("freeze.approved", 11):
        held.hold(held.confirm(order))
    held.log.now += 86_400
    with world.refused("freeze.approved", 11):
        held.hold(held.lapse(order))
    approved = held.signed(held.freeze(1))
    held.hold(approved)
    for step in (held.confirm(approved), held.lapse(approved)):
        with world.refused("freeze.approved", 11):
            held.hold(step)


def test_a_transfer_has_a_cause_and_two_accounts(held, world) -> None:
    with world.refused("transfer.same", 9):
        held.hold(held.signed(held.transfer(1, receiver="88.608.5290/steel")))
    with world.refused("body.choice", 9, "sale"):
        held.hold(held.transfer(1, cause="sale"))
    with world.refused("account.kind", 11, "enterprise"):
        held.hold(held.signed(held.transfer(1, cause="reserve-grant")))
    with world.refused("transfer.offsets", 9, "correction"):
        held.hold(held.signed(held.transfer(1, asset="ccer")))
    with world.refused("asset.form", 9, "cea-2023"):
        held.hold(held.transfer(1, asset="cea-2023"))


def test_nothing_leaves_a_suspended_account_but_by_enforcement(held, world) -> None:
    with world.refused("account.state", 11, "free"):
        held.hold(held.signed(held.suspend(suspended=False)))
    held.hold(held.signed(held.suspend()))
    with world.refused("account.state", 11, "suspended"):
        held.hold(held.signed(held.suspend()))
    with world.refused("account.suspended", 11, "88.608.5290/steel"):
        held.hold(held.signed(held.transfer(1)))
    held.hold(held.signed(held.transfer(1, cause="enforcement")))
    held.hold(held.signed(held.suspend(suspended=False)))
    held.hold(held.signed(held.transfer(1)))


def test_a_balance_is_carried_in_once_and_is_quota(held, world) -> None:
    """DOMAIN 24."""
    with world.refused("carry_in.repeated", 11):
        held.hold(held.signed(held.carry_in(1)))
    held.hold(held.signed(held.carry_in(1, asset="quota-2022")))
    with world.refused("carry_in.asset", 9):
        held.hold(held.carry_in(1, asset="ccer"))


def test_what_the_contract_refused_can_be_ordered_anew(units, world) -> None:
    units.hold(units.signed(units.carry_in(1_000)))
    units.log.refused.add(units.log.entries[-1].index)
    assert units.log.holding("88.608.5290/steel", 0x10000 + units.year).available == 0
    units.hold(units.signed(units.carry_in(900)))
    assert units.log.holding("88.608.5290/steel", 0x10000 + units.year).available == 900


def test_a_serial_and_a_cancellation_are_entered_once(units, world) -> None:
    """DOMAIN 4, law 4's other half: an offset is used once, by whom the cancellation names."""
    units.hold(units.signed(units.offsets(101, 200)))
    for first, last in ((101, 200), (200, 300), (1, 101), (150, 150), (1, 1_000)):
        with world.refused("offset.serials", 11, f"{first} to {last}"):
            units.hold(units.signed(units.offsets(first, last, cancellation="ZX-2024-0002")))
    with world.refused("offset.cancellation", 11, "ZX-2024-0001"):
        units.hold(units.signed(units.offsets(201, 300)))
    with world.refused("offset.cancellation", 11):
        units.hold(units.signed(units.offsets(201, 300, beneficiary="88.608.5291/tiles")))
    units.hold(units.signed(units.offsets(201, 300, cancellation="ZX-2024-0002")))
    units.hold(units.signed(units.offsets(101, 200, series="CCER-2024-017-B", cancellation="ZX-2024-0003")))
    assert units.log.holding("88.608.5290/steel", 0x20000).available == 300


@pytest.mark.parametrize("member", ["series", "cancellation"])
@pytest.mark.parametrize(
    "spelling",
    [
        *(
            "ccer-2024-017-A",
            "CCER-2024-017-a",
            "CCER 2024-017-A",
            "CCER-2024--017-A",
            "CCER_2024-017-A",
            "CCER–2024-A",
        ),
        *("ＣＣＥＲ-2024-017-A", "СCER-2024-017-A", "-CCER-2024-017-A", "CCER-2024-017-A.", "CCER-２０２４"),
    ],
)
def test_a_series_is_no_other_by_case_width_or_space(units, world, member: str, spelling: str) -> None:
    """DOMAIN 4: one serial enters once, so that the row of numbers which it is of has one name."""
    with world.refused("offset.spelling", 9, spelling):
        units.hold(units.offsets(101, 200, **{member: spelling}))
    units.hold(units.signed(units.offsets(101, 200, **{member: "国环规(2024).CCER/17"})))


def test_offsets_have_as_many_tonnes_as_serials_and_an_order_of_days(units, world) -> None:
    with world.refused("offset.tonnes", 9, "99"):
        units.hold(units.offsets(101, 200, tonnes=99))
    with world.refused("body.integer", 9):
        units.hold(units.offsets(200, 101, tonnes=1))
    for changed in ({"claimed": "2023-12-30"}, {"project_start": "2023-01-02"}, {"cancelled": "2024-02-29"}):
        with world.refused("offset.days", 9):
            units.hold(units.offsets(101, 200, **changed))
    with world.refused("date.format", 9):
        units.hold(units.offsets(101, 200, registered="2024-02-30"))


def test_offsets_that_are_not_eligible_are_refused(units, world) -> None:
    units.log.ineligible["ZX-2024-0001"] = ("2019-01-01", "after 2020-09-22", "晚于 2020-09-22")
    with world.refused("offset.ineligible", 12, "2019-01-01"):
        units.hold(units.signed(units.offsets(1, 10)))
    with world.refused("account.kind", 11):
        units.hold(units.signed(units.offsets(1, 10, beneficiary=world.PARK)))


def test_what_is_owed_is_collected_after_its_day(units, world) -> None:
    """DOMAIN 31."""
    with world.refused("owed.none", 11):
        units.hold(units.collect())
    units.log.debts["88.608.5290/steel"] = OwedRecord(50, 0, units.log.now + 10)
    with world.refused("owed.early", 11):
        units.hold(units.collect())
    units.log.now += 10
    with world.refused("asset.balance", 11):
        units.hold(units.collect())
    units.hold(units.signed(units.carry_in(1)))
    units.hold(units.collect())
    with world.refused("owed.none", 11):
        units.hold(units.collect())


def test_a_log_without_the_contracts_takes_no_orders(units, world) -> None:
    order = units.signed(units.issue())
    units.log.ledger_domain = None
    with world.refused("asset.no_contract", 11, "CarbonLedger"):
        units.hold(order)
