"""What holders do with their own units: surrender, carry over, cancel, return (DOMAIN 2, 3, 5, 6, 22, 31)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from attestation.facts.assets import ObligationRecord, OwedRecord
from attestation.keys import Algorithm, Purpose
from attestation.typed_data import Domain

STEEL, TILES = "88.608.5290/steel", "88.608.5291/tiles"


@pytest.fixture
def obliged(units):
    """An obligation of 1,000 t, 2,000 t of quota of the year and 500 t of CCER."""
    units.hold(units.signed(units.carry_in(2_000)))
    units.hold(units.signed(units.offsets(1, 500)))
    units.obliged(1_000)
    return units


def test_an_obligation_is_met_and_not_exceeded(obliged, world) -> None:
    obliged.say(obliged.surrender(400))
    with world.refused("surrender.exceeds", 11, "601 t") as caught:
        obliged.say(obliged.surrender(601))
    assert "600 t" in caught.value.expected
    obliged.say(obliged.surrender(600))
    with world.refused("surrender.exceeds", 11, "1 t"):
        obliged.say(obliged.surrender(1))


def test_no_offset_above_the_cap(obliged, world) -> None:
    """DOMAIN 3: 5 % of 1,000 t, over all surrenders of the year together; one unit over is refused."""
    with world.refused("surrender.offset_cap", 11, "51 t"):
        obliged.say(obliged.surrender(51, asset="ccer"))
    obliged.say(obliged.surrender(30, asset="ccer"))
    with world.refused("surrender.offset_cap", 11, "21 t"):
        obliged.say(obliged.surrender(21, asset="ccer"))
    obliged.say(obliged.surrender(20, asset="ccer"))
    with world.refused("surrender.offset_cap", 11, "1 t"):
        obliged.say(obliged.surrender(1, asset="ccer"))
    with world.refused("surrender.exceeds", 11, "951 t"):
        obliged.say(obliged.surrender(951))
    obliged.say(obliged.surrender(950))


def test_the_cap_holds_in_every_order_and_split(world, cases, unitwork) -> None:
    """Law 4: whatever is tried, counted offsets stay at the cap and what is met at the obligation."""

    @settings(max_examples=8, deadline=None)
    @given(st.integers(0, 999), st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=12))
    def tried(tonnes: int, attempts: list[tuple[bool, int]]) -> None:
        units = unitwork.Unitwork(world, cases)
        units.hold(units.signed(units.carry_in(2_000)))
        units.hold(units.signed(units.offsets(1, 500)))
        units.obliged(tonnes)
        used = met = 0
        for offset, amount in attempts:
            fits = met + amount <= tonnes and (not offset or used + amount <= 5 * tonnes // 100)
            body = units.surrender(amount, asset="ccer" if offset else f"quota-{units.year}")
            refusal = world.refusal_of(units.say, body)
            assert (refusal is None) == fits, refusal
            met, used = met + amount * fits, used + amount * (fits and offset)

    tried()


def test_no_more_is_surrendered_than_is_held(obliged, world) -> None:
    with world.refused("asset.balance", 11, "900 t"):
        obliged.hold(obliged.signed(obliged.freeze(1_200)))
        obliged.say(obliged.surrender(900))
    obliged.say(obliged.surrender(800))


def test_vintages(obliged, world) -> None:
    """DOMAIN 5: no borrowing; earlier ones where the terms say so; later ones as arrears only."""
    for year in (2022, 2024):
        obliged.hold(obliged.signed(obliged.carry_in(100, asset=f"quota-{year}")))
        with world.refused("surrender.vintage", 11, f"quota-{year}"):
            obliged.say(obliged.surrender(10, asset=f"quota-{year}"))
    obliged.settle(obliged.signed(obliged.terms(earlier_vintages=True)))
    obliged.say(obliged.surrender(10, asset="quota-2022"))
    with world.refused("surrender.vintage", 11, "quota-2024"):
        obliged.say(obliged.surrender(10, asset="quota-2024"))


def test_after_the_deadline_nothing_is_surrendered(obliged, world, unitwork) -> None:
    obliged.log.now = unitwork.DEADLINE - 1
    obliged.say(obliged.surrender(1))
    obliged.log.now = unitwork.DEADLINE
    with world.refused("surrender.late", 11, "2024-12-31T16:00:00Z"):
        obliged.say(obliged.surrender(1))


def test_the_difference_of_an_amendment_has_its_own_time(obliged, world, unitwork) -> None:
    """DOMAIN 2: thirty days; what an assessment found missing stays missed. Arrears take a later vintage (5)."""
    obliged.hold(obliged.signed(obliged.carry_in(100, asset="quota-2024")))
    obliged.say(obliged.surrender(900))
    obliged.settle(obliged.signed(obliged.price()))
    obliged.log.now = unitwork.DEADLINE
    obliged.settle(obliged.assess())
    obliged.log.positions[STEEL, obliged.year] = ObligationRecord(revision=1, missed=100, assessed=True)
    obliged.case.determine(tonnes=1_040)
    with world.refused("surrender.exceeds", 11, "41 t"):
        obliged.say(obliged.surrender(41))
    obliged.say(obliged.surrender(15))
    obliged.say(obliged.surrender(25, asset="quota-2024"))
    until = obliged.log.now + 30 * unitwork.DAY
    obliged.log.positions[STEEL, obliged.year] = ObligationRecord(revision=2, missed=100, assessed=True, deadline=until)
    obliged.log.now = until
    with world.refused("surrender.late", 11):
        obliged.say(obliged.surrender(1))


def test_after_the_deadline_an_amendment_gives_time_for_its_difference_alone(obliged, world, unitwork) -> None:
    """DOMAIN 2, 5: of 100 t that were missed none is met, assessed or not, by whatever vintage."""
    obliged.hold(obliged.signed(obliged.carry_in(100, asset="quota-2024")))
    obliged.say(obliged.surrender(900))
    obliged.log.now = unitwork.DEADLINE
    until = obliged.log.now + 30 * unitwork.DAY
    obliged.log.positions[STEEL, obliged.year] = ObligationRecord(revision=1, lowest=1_000)
    obliged.case.determine(tonnes=1_000)
    for asset in ("quota-2023", "quota-2024", "ccer"):
        with world.refused("surrender.exceeds", 11, "1 t") as caught:
            obliged.say(obliged.surrender(1, asset=asset))
        assert "at most 0 t" in caught.value.expected
    obliged.case.determine(tonnes=1_040)
    obliged.log.positions[STEEL, obliged.year] = ObligationRecord(revision=3, lowest=1_000, deadline=until)
    with world.refused("surrender.exceeds", 11, "41 t"):
        obliged.say(obliged.surrender(41, asset="quota-2024"))
    # A lower figure on its way takes from the difference.
    obliged.case.determine(tonnes=980)
    with world.refused("surrender.exceeds", 11, "1 t"):
        obliged.say(obliged.surrender(1))
    obliged.case.determine(tonnes=1_010)
    with world.refused("surrender.exceeds", 11, "31 t"):
        obliged.say(obliged.surrender(31))
    obliged.say(obliged.surrender(30))


def test_an_amendment_down_leaves_offsets_used_but_not_counted(obliged, world) -> None:
    """DOMAIN 2, 3."""
    obliged.say(obliged.surrender(50, asset="ccer"))
    obliged.case.determine(tonnes=400)
    with world.refused("surrender.offset_cap", 11):
        obliged.say(obliged.surrender(1, asset="ccer"))
    with world.refused("surrender.exceeds", 11) as caught:
        obliged.say(obliged.surrender(381))
    assert "380 t" in caught.value.expected
    obliged.say(obliged.surrender(380))


def test_what_is_due_needs_terms_and_a_figure(units, world) -> None:
    with world.refused("terms.none", 11, str(units.year)):
        units.say(units.surrender(1))
    units.settle(units.signed(units.terms()))
    with world.refused("obligation.none", 11, STEEL):
        units.say(units.surrender(1))


def test_another_s_account_is_out_of_reach(obliged, world) -> None:
    """The account is who signs the statement, and the same key signs for the contract."""
    with world.refused("asset.balance", 11):
        obliged.say(obliged.cancel_own(1), iss=TILES)
    obliged.hold(obliged.signed(obliged.carry_in(10, account=TILES)))
    with world.refused("intent.signature", 12):
        obliged.say(obliged.cancel_own(1), iss=TILES, key=STEEL)
    stolen = obliged.intent(obliged.cancel_own(1))
    with world.refused("intent.signature", 12):
        obliged.case.accept("intent", stolen, iss=TILES)
    obliged.say(obliged.cancel_own(1), iss=TILES)


def test_a_signature_of_another_deployment_contract_or_amount_is_none(obliged, world, unitwork) -> None:
    body = obliged.surrender(10)
    elsewhere = Domain(31337, unitwork.COMPLIANCE.verifying_contract, b"\x5b" * 32)
    for domain in (elsewhere, unitwork.LEDGER):
        with world.refused("intent.signature", 12):
            obliged.say(body, domain=domain)
    with world.refused("intent.signature", 12):
        obliged.case.accept("intent", replace(obliged.intent(body), tonnes=11), iss=STEEL)
    with world.refused("hex.format", 9):
        obliged.case.accept("intent", replace(body, signature="0x"), iss=STEEL)


def test_a_word_is_used_once_and_before_its_deadline(obliged, world) -> None:
    body = obliged.surrender(10)
    obliged.say(body)
    with world.refused("operation.used", 11, body.op_id):
        obliged.say(body)
    with world.refused("operation.used", 11):
        obliged.say(obliged.cancel_own(1, op_id=body.op_id))
    late = obliged.surrender(10)
    obliged.log.now += 86_400
    with world.refused("intent.expired", 10):
        obliged.say(late)
    with world.refused("operation.form", 9):
        obliged.say(obliged.surrender(1, op_id="00" * 32))
    with world.refused("instant.format", 9):
        obliged.case.accept("intent", obliged.surrender(1, deadline="tomorrow"), iss=STEEL)


def test_only_an_asset_key_that_the_contract_knows_speaks(obliged, world) -> None:
    statement, edwards = (world.seeded(algorithm, 900) for algorithm in (Algorithm.ES256K, Algorithm.ED25519))
    administration = world.seeded(Algorithm.ED25519, 901)
    obliged.park.enrol(
        "88.608.5292/glass", world.Kind.ENTERPRISE, Purpose.ADMINISTRATION, parent=world.PARK, key=administration
    )
    glass = "88.608.5292/glass"
    obliged.park.keys[glass] = administration
    obliged.park.add(glass, edwards, Purpose.ASSET, by=administration)
    obliged.park.add(glass, statement, Purpose.STATEMENT, by=administration)
    body = obliged.intent(obliged.cancel_own(1))
    for key, rule, step in (
        (edwards, "intent.key", 11),
        (statement, "purpose.key", 8),
        (administration, "purpose.key", 8),
    ):
        with world.refused(rule, step):
            obliged.log.accept(obliged.park.sign("intent", body, iss=glass, key=key, stream="own"))
    with world.refused("purpose.key", 8):
        obliged.case.accept("intent", body, iss=world.PARK)


def test_a_suspended_account_says_nothing(obliged, world) -> None:
    obliged.hold(obliged.signed(obliged.suspend()))
    for body in (obliged.surrender(1), obliged.cancel_own(1)):
        with world.refused("account.suspended", 11, STEEL):
            obliged.say(body)


def test_what_is_owed_is_returned_and_no_more(obliged, world) -> None:
    """DOMAIN 31."""
    with world.refused("owed.exceeded", 11, "1 t"):
        obliged.say(obliged.give_back(1))
    obliged.log.debts[STEEL] = OwedRecord(50, 0, obliged.log.now + 10)
    obliged.say(obliged.give_back(20))
    with world.refused("owed.exceeded", 11, "31 t"):
        obliged.say(obliged.give_back(31))
    obliged.say(obliged.give_back(30))


def test_what_is_left_is_carried_over_in_its_window(obliged, world, unitwork) -> None:
    """DOMAIN 6: after the deadline, nothing due, at most 5 % of the obligation and 1.5 of what was sold net."""
    obliged.say(obliged.surrender(999))
    with world.refused("carry_over.window", 11):
        obliged.say(obliged.carry_over(1))
    obliged.log.now = unitwork.DEADLINE
    with world.refused("carry_over.open", 11, "1 t"):
        obliged.say(obliged.carry_over(1))
    obliged.log.now -= 1
    obliged.say(obliged.surrender(1))
    obliged.log.now += 1
    with world.refused("carry_over.exceeds", 11, "51 t"):
        obliged.say(obliged.carry_over(51))
    obliged.say(obliged.carry_over(50))
    with world.refused("carry_over.exceeds", 11, "1 t"):
        obliged.say(obliged.carry_over(1))
    obliged.log.sold[STEEL, obliged.year] = 100
    obliged.say(obliged.carry_over(150))
    assert obliged.log.holding(STEEL, 0x10000 + obliged.year + 1).available == 200
    obliged.log.now = unitwork.CARRY_UNTIL
    with world.refused("carry_over.window", 11):
        obliged.say(obliged.carry_over(1))


def test_the_last_vintage_has_none_to_be_carried_over_to(obliged, world) -> None:
    for vintage in (1989, 2200, 2201):
        with world.refused("body.integer", 9, str(vintage)):
            obliged.case.accept("intent", obliged.carry_over(1, vintage=vintage), iss=STEEL)


def test_a_log_without_the_contract_takes_no_word(obliged, world) -> None:
    body = obliged.intent(obliged.surrender(1))
    obliged.log.compliance_domain = None
    with world.refused("asset.no_contract", 11, "Compliance"):
        obliged.case.accept("intent", body, iss=STEEL)
