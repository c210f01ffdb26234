"""DOMAIN 32 and 41: measured carbon, with weighings and laboratory of the same batches."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import FactorSet, RecomputedLine, load_bundled
from attestation.accounting.measured_carbon import burn_measured, check_batches
from attestation.bodies import Analysis, Weighing
from attestation.errors import AttestationError, RecomputationRefused, SchemaRefused

COAL = load_bundled("tanlu-park", "2024").fuels["bituminous"]
WEIGHTS = st.decimals(min_value=0, max_value=100_000, places=2)
CARBON = st.decimals(min_value=0, max_value=1, places=5)
BATCHES = st.lists(st.tuples(WEIGHTS, CARBON), min_size=1, max_size=6)


def _line(batches: list[tuple[Decimal, Decimal]], quantity: Decimal | None = None) -> RecomputedLine:
    total = sum((weight for weight, _ in batches), Decimal("0.00")) if quantity is None else quantity
    return burn_measured(
        "coal",
        total,
        "t",
        COAL,
        weighings=[Weighing(batch=f"b{n}", quantity=f"{weight:f}") for n, (weight, _) in enumerate(batches)],
        laboratory=[Analysis(batch=f"b{n}", carbon=f"{carbon:f}") for n, (_, carbon) in enumerate(batches)],
    )


def test_two_batches_worked_by_hand_domain_41() -> None:
    """1,200 t of 60 % and 800 t of 55 %: 720 + 440 = 1,160 tC; times 0.99 is 1,148.4; times 44/12 is 4,210.80."""
    line = _line([(Decimal("1200.00"), Decimal("0.60")), (Decimal("800.00"), Decimal("0.55"))])
    assert line.unrounded == Decimal("4210.8")
    assert str(line.emissions) == "4210.80"
    assert line.formula.id == "combustion.measured"


@given(BATCHES)
def test_emissions_are_the_formula_and_only_the_last_step_rounds_domain_32(
    batches: list[tuple[Decimal, Decimal]],
) -> None:
    exact = sum(Fraction(weight) * Fraction(carbon) for weight, carbon in batches)
    exact *= Fraction(COAL.oxidation) * Fraction(44, 12)
    line = _line(batches)
    assert abs(Fraction(line.unrounded) - exact) < Fraction(1, 10**30)
    assert abs(Fraction(line.emissions) - exact) <= Fraction(1, 200)


@given(BATCHES, st.integers(0, 50))
def test_emissions_scale_with_the_weighings(batches: list[tuple[Decimal, Decimal]], times: int) -> None:
    once, often = _line(batches), _line([(weight * times, carbon) for weight, carbon in batches])
    assert abs(Fraction(often.unrounded) - Fraction(once.unrounded) * times) < Fraction(1, 10**30)


@given(BATCHES, BATCHES)
def test_emissions_add_up_over_batches(a: list[tuple[Decimal, Decimal]], b: list[tuple[Decimal, Decimal]]) -> None:
    whole = Fraction(_line(a + b).unrounded)
    assert abs(whole - Fraction(_line(a).unrounded) - Fraction(_line(b).unrounded)) < Fraction(1, 10**30)


def _named(weighed: list[str], analysed: list[str], quantity: str = "1.00", carbon: str = "0.5") -> RecomputedLine:
    return burn_measured(
        "coal",
        Decimal(len(weighed)),
        "t",
        COAL,
        weighings=[Weighing(batch=batch, quantity=quantity) for batch in weighed],
        laboratory=[Analysis(batch=batch, carbon=carbon) for batch in analysed],
    )


@pytest.mark.parametrize(
    ("weighed", "analysed", "named"),
    [
        (["2023-07"], ["2023-08"], "2023-07, 2023-08"),
        (["a", "b"], ["a"], "b"),
        (["a"], ["a", "b"], "b"),
        (["a", "a"], ["a"], "weighings: a, a"),
        (["a"], ["a", "a"], "laboratory: a, a"),
        ([], ["a"], "weighings: none"),
    ],
)
def test_laboratory_and_weighing_of_different_batches_are_refused_domain_41(
    weighed: list[str], analysed: list[str], named: str
) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        _named(weighed, analysed)
    assert (refusal.value.step, refusal.value.rule, refusal.value.value) == (9, "line.batches", named)
    assert "批次" in refusal.value.message_zh


@pytest.mark.parametrize(
    ("quantity", "carbon", "rule"),
    [
        ("1.00", "60.5", "line.carbon.range"),
        ("1.00", "1.00001", "line.carbon.range"),
        ("1.00", "0.600001", "line.carbon.places"),
        ("1.001", "0.6", "line.quantity.places"),
        ("1.00", "-0.6", "decimal.grammar"),
    ],
)
def test_carbon_in_per_cent_and_unrounded_numbers_are_refused(quantity: str, carbon: str, rule: str) -> None:
    with pytest.raises(AttestationError) as refusal:
        _named(["a"], ["a"], quantity, carbon)
    assert refusal.value.rule == rule


def test_a_quantity_that_is_not_the_sum_of_its_weighings_is_refused() -> None:
    with pytest.raises(RecomputationRefused) as refusal:
        _line([(Decimal("10.00"), Decimal("0.5"))], Decimal("10.01"))
    assert (refusal.value.rule, refusal.value.value, refusal.value.expected) == ("line.weighings", "10.01", "10.00")


def test_a_gas_is_measured_per_1e4nm3_and_never_in_tonnes_domain_37(steel: FactorSet) -> None:
    gas = steel.fuels["natural_gas"]
    batches = [Weighing(batch="a", quantity="2.00")], [Analysis(batch="a", carbon="5.2")]
    line = burn_measured("gas", Decimal("2.00"), "1e4Nm3", gas, weighings=batches[0], laboratory=batches[1])
    assert str(line.emissions) == "37.75"  # 2 × 5.2 × 0.99 × 44 ÷ 12 = 37.752
    with pytest.raises(RecomputationRefused, match=r"line\.unit"):
        burn_measured("gas", Decimal("2.00"), "t", gas, weighings=batches[0], laboratory=batches[1])


def test_a_laboratory_gives_carbon_per_tonne_so_that_a_kilogram_never_holds_one_domain_37() -> None:
    """0.9 tC/kg would be 900 times the batch's own weight; as a flow out it would take the plant's emissions away."""
    batches = [Weighing(batch="a", quantity="100.00")], [Analysis(batch="a", carbon="0.9")]
    check_batches("flow slag", "t", *batches)
    with pytest.raises(SchemaRefused) as refusal:
        check_batches("flow slag", "kg", *batches)
    assert (refusal.value.rule, refusal.value.value) == ("line.carbon.range", "0.9 tC/kg")
