"""DOMAIN 46: seven gases, control or equity, base year, uncertainty, ten steps."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.greenhouse_gases import Edition, Gas
from attestation.accounting.inventory import (
    STEPS,
    Approach,
    InventorySource,
    check_steps,
    inventory,
)
from attestation.errors import SchemaRefused

GASES = ("CO2", "CH4", "N2O", "HFC-134a", "CF4", "SF6", "NF3")
masses = st.decimals(min_value=0, max_value=100_000, places=3)
percents = st.decimals(min_value=0, max_value=100, places=1)


def _of(name: str, scope: int, gas: str, mass: str, **more: str) -> InventorySource:
    return InventorySource(name, scope, gas, Decimal(mass), **{member: Decimal(text) for member, text in more.items()})


def _refused(rule: str, call, *arguments: object, **named: object) -> None:
    with pytest.raises(SchemaRefused) as refused:
        call(*arguments, **named)
    assert refused.value.rule == rule
    assert refused.value.message_zh


def test_all_seven_gases_worked_by_hand_domain_46() -> None:
    """AR5: 100 × 1 + 2 × 28 + 1 × 265 + 0.01 × 1300 + 0.001 × 6630 + 0.001 × 23500 + 0.001 × 16100."""
    masses_t = ("100", "2", "1", "0.01", "0.001", "0.001", "0.001")
    sources = [_of(gas, 1, gas, mass) for gas, mass in zip(GASES, masses_t, strict=True)]
    found = inventory(sources, approach=Approach.CONTROL, edition=Edition.AR5)
    assert {gas: str(value) for gas, value in found.by_gas.items()} == {
        Gas.CO2: "100.00",
        Gas.CH4: "56.00",
        Gas.N2O: "265.00",
        Gas.HFCS: "13.00",
        Gas.PFCS: "6.63",
        Gas.SF6: "23.50",
        Gas.NF3: "16.10",
    }
    assert str(found.total) == "480.23"
    by_ar6 = inventory(sources, approach=Approach.CONTROL, edition=Edition.AR6)
    # 100 + 55.8 + 273 + 15.3 + 7.38 + 25.2 + 17.4
    assert str(by_ar6.total) == "494.08"


def _tonnes(gas: str, mass: Decimal, edition: Edition) -> Decimal:
    source = InventorySource("a", 1, gas, mass)
    unrounded, *_ = inventory([source], approach=Approach.CONTROL, edition=edition).lines[0].steps
    return unrounded.value


def test_potentials_of_both_editions_worked_by_hand_domain_32() -> None:
    """2.5 t CH4 are 70 t by AR5 (28) and 69.75 t by AR6 (27.9); 1 kg SF6 is 23.5 t and 25.2 t."""
    assert _tonnes("CH4", Decimal("2.5"), Edition.AR5) == 70
    assert _tonnes("CH4", Decimal("2.5"), Edition.AR6) == Decimal("69.75")
    assert _tonnes("SF6", Decimal("0.001"), Edition.AR5) == Decimal("23.5")
    assert _tonnes("SF6", Decimal("0.001"), Edition.AR6) == Decimal("25.2")


@given(masses, masses, st.sampled_from(GASES), st.sampled_from(list(Edition)))
def test_masses_add_and_scale(one: Decimal, other: Decimal, name: str, edition: Edition) -> None:
    apart = _tonnes(name, one, edition) + _tonnes(name, other, edition)
    assert _tonnes(name, one + other, edition) == apart
    assert _tonnes(name, 2 * one, edition) == 2 * _tonnes(name, one, edition)


def test_equity_counts_the_owned_share_and_control_the_whole_domain_46() -> None:
    half = [_of("joint venture", 1, "CO2", "1000", share_percent="49")]
    assert str(inventory(half, approach=Approach.EQUITY, edition=Edition.AR5).total) == "490.00"
    _refused("inventory.share", inventory, half, approach=Approach.CONTROL, edition=Edition.AR5)


def test_uncertainty_worked_by_hand_domain_46() -> None:
    """100 t at √(3² + 4²) = 5 % and 200 t at √(5² + 12²) = 13 %: √(500² + 2600²) / 300 = 8.8255... %."""
    sources = [
        _of("a", 1, "CO2", "100", activity_uncertainty="3", factor_uncertainty="4"),
        _of("b", 2, "CO2", "200", activity_uncertainty="5", factor_uncertainty="12"),
    ]
    found = inventory(sources, approach=Approach.CONTROL, edition=Edition.AR5)
    assert [str(line.uncertainty) for line in found.lines] == ["5", "13"]
    assert str(found.uncertainty) == "8.83"
    assert (500 * 500 + 2600 * 2600) == 7_010_000
    assert abs(found.uncertainty * 300 - Decimal(7_010_000).sqrt()) < Decimal("1.5")


def test_nothing_emitted_has_no_uncertainty_and_divides_by_nothing() -> None:
    found = inventory([_of("a", 1, "CO2", "0")], approach=Approach.CONTROL, edition=Edition.AR5)
    assert (str(found.total), str(found.uncertainty)) == ("0.00", "0.00")


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(GASES), masses, percents), min_size=1, max_size=8))
def test_scopes_and_gases_each_add_up_to_the_total(drawn: list[tuple[int, str, Decimal, Decimal]]) -> None:
    sources = [
        InventorySource(str(n), scope, gas, mass, activity_uncertainty=uncertainty)
        for n, (scope, gas, mass, uncertainty) in enumerate(drawn)
    ]
    found = inventory(sources, approach=Approach.CONTROL, edition=Edition.AR6)
    assert sum(found.by_scope.values()) == sum(found.by_gas.values()) == found.total
    largest = max(line.uncertainty for line in found.lines)
    assert found.uncertainty <= largest + Decimal("0.01")


@given(percents, percents)
def test_a_sources_uncertainty_lies_between_the_larger_of_its_two_and_their_sum(one: Decimal, other: Decimal) -> None:
    source = InventorySource("a", 1, "CO2", Decimal(1), activity_uncertainty=one, factor_uncertainty=other)
    (line,) = inventory([source], approach=Approach.CONTROL, edition=Edition.AR5).lines
    slack = Decimal("1e-20")
    assert max(one, other) - slack <= line.uncertainty <= one + other + slack


@given(percents, percents)
def test_more_sources_of_the_same_size_are_less_uncertain_together(one: Decimal, other: Decimal) -> None:
    sources = [
        InventorySource(str(n), 1, "CO2", Decimal(100), activity_uncertainty=value)
        for n, value in enumerate((one, other))
    ]
    found = inventory(sources, approach=Approach.CONTROL, edition=Edition.AR5)
    assert found.uncertainty <= (one + other) / 2 + Decimal("0.01")


@pytest.mark.parametrize(
    ("rule", "sources"),
    [
        ("inventory.empty", []),
        ("inventory.duplicate", [_of("a", 1, "CO2", "1"), _of("a", 1, "CO2", "1")]),
        ("inventory.scope", [_of("a", 4, "CO2", "1")]),
        ("inventory.share", [_of("a", 1, "CO2", "1", share_percent="0")]),
        ("inventory.share", [_of("a", 1, "CO2", "1", share_percent="100.1")]),
        ("inventory.uncertainty", [_of("a", 1, "CO2", "1", activity_uncertainty="-1")]),
        ("inventory.uncertainty", [_of("a", 1, "CO2", "1", factor_uncertainty="NaN")]),
        ("gas.unknown", [_of("a", 1, "HFCs", "1")]),
        ("gas.potential", [_of("a", 1, "HFC-23", "1")]),
        ("gas.negative", [_of("a", 1, "CO2", "-1")]),
        ("gas.negative", [_of("a", 1, "CO2", "NaN")]),
        ("inventory.absurd", [_of("a", 1, "CO2", "100000000.001")]),
        ("inventory.uncertainty", [_of("a", 1, "CO2", "1", activity_uncertainty="1000.1")]),
    ],
)
def test_malformed_sources_are_refused(rule: str, sources: list[InventorySource]) -> None:
    _refused(rule, inventory, sources, approach=Approach.EQUITY, edition=Edition.AR5)


def test_each_of_the_ten_steps_has_its_document_domain_46() -> None:
    done = {step: f"{step}.pdf" for step in STEPS}
    assert len(STEPS) == 10
    check_steps(done)
    for step in STEPS:
        _refused("inventory.step", check_steps, {name: text for name, text in done.items() if name != step})
        _refused("inventory.step", check_steps, done | {step: " "})
    _refused("inventory.step", check_steps, done | {"wishes": "list.pdf"})
