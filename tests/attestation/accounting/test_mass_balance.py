"""DOMAIN 34: carbon in less carbon out, and DOMAIN 41 for what is measured."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from attestation.accounting import RecomputedLine, load_bundled
from attestation.accounting.mass_balance import balance_carbon
from attestation.bodies import Analysis, Flow, Weighing
from attestation.errors import AttestationError, RecomputationRefused

PARK = load_bundled("tanlu-park", "2024")
TONNES = st.decimals(min_value=0, max_value=100_000, places=2)
NAMES = st.sampled_from(list(PARK.carbon))
FLOWS = st.lists(st.tuples(NAMES, TONNES), min_size=1, max_size=5)


def _flow(id_: str, direction: str, factor: str, tonnes: Decimal | str) -> Flow:
    return Flow(id=id_, direction=direction, quantity=f"{Decimal(tonnes):f}", unit="t", factor=factor)


def _line(came: list[tuple[str, Decimal]], left: list[tuple[str, Decimal]]) -> RecomputedLine:
    flows = [_flow(f"in{n}", "in", *flow) for n, flow in enumerate(came)]
    flows += [_flow(f"out{n}", "out", *flow) for n, flow in enumerate(left)]
    return balance_carbon("furnace", flows, PARK)


def _carbon(flows: list[tuple[str, Decimal]]) -> Fraction:
    return sum((Fraction(tonnes) * Fraction(PARK.carbon[name].factor) for name, tonnes in flows), Fraction(0))


def test_a_furnace_worked_by_hand_domain_34() -> None:
    """Coke 500 t × 0.83 = 415; scrap 100 t × 0.04 = 4; steel 900 t × 0.01 = 9: 410 tC, times 44/12 is 1,503.333…"""
    line = balance_carbon(
        "furnace",
        [
            _flow("coke", "in", "coke", "500.00"),
            _flow("scrap", "in", "scrap_iron", "100.00"),
            _flow("steel", "out", "steel", "900.00"),
        ],
        PARK,
    )
    assert str(line.emissions) == "1503.33"
    assert [str(step.value) for step in line.steps[:4]] == ["415.0000", "4.0000", "9.0000", "410.0000"]
    assert line.steps[3].expression == "415.0000 + 4.0000 − 9.0000"


def test_a_measured_flow_counts_its_batches_domain_41() -> None:
    """300 t × 0.85 + 200 t × 0.80 = 415 tC, as 500 t of the default 0.83: the same emissions."""
    measured = Flow(
        id="coke",
        direction="in",
        quantity="500.00",
        unit="t",
        weighings=(Weighing(batch="a", quantity="300.00"), Weighing(batch="b", quantity="200.00")),
        laboratory=(Analysis(batch="b", carbon="0.80"), Analysis(batch="a", carbon="0.85")),
    )
    assert str(balance_carbon("furnace", [measured], PARK).emissions) == "1521.67"
    assert str(_line([("coke", Decimal("500.00"))], []).emissions) == "1521.67"
    short = msgspec.structs.replace(measured, quantity="499.99")
    with pytest.raises(RecomputationRefused, match=r"line\.weighings.*flow coke"):
        balance_carbon("furnace", [short], PARK)


@given(FLOWS, FLOWS)
def test_a_balance_is_the_formula_or_refused_when_more_leaves(
    came: list[tuple[str, Decimal]], left: list[tuple[str, Decimal]]
) -> None:
    net = _carbon(came) - _carbon(left)
    if net < 0:
        with pytest.raises(RecomputationRefused) as refusal:
            _line(came, left)
        assert (refusal.value.rule, refusal.value.line) == ("line.mass_balance.negative", "furnace")
        return
    assert abs(Fraction(_line(came, left).unrounded) - net * Fraction(44, 12)) < Fraction(1, 10**30)


@given(FLOWS, FLOWS, st.integers(0, 20))
def test_a_balance_scales(came: list[tuple[str, Decimal]], left: list[tuple[str, Decimal]], times: int) -> None:
    assume(_carbon(came) >= _carbon(left))
    often = _line([(n, q * times) for n, q in came], [(n, q * times) for n, q in left])
    assert abs(Fraction(often.unrounded) - Fraction(_line(came, left).unrounded) * times) < Fraction(1, 10**30)


@given(FLOWS, FLOWS)
def test_balances_add_up(a: list[tuple[str, Decimal]], b: list[tuple[str, Decimal]]) -> None:
    apart = Fraction(_line(a, []).unrounded) + Fraction(_line(b, []).unrounded)
    assert abs(Fraction(_line(a + b, []).unrounded) - apart) < Fraction(1, 10**30)


COKE = _flow("coke", "in", "coke", "1.00")


@pytest.mark.parametrize(
    ("flows", "rule"),
    [
        ([_flow("steel", "out", "steel", "1.00")], "line.flows"),
        ([COKE, COKE], "line.flows"),
        ([COKE, _flow("x", "through", "coke", "1.00")], "line.flows"),
        ([msgspec.structs.replace(COKE, factor=None)], "line.flow.carbon"),
        ([msgspec.structs.replace(COKE, laboratory=())], "line.flow.carbon"),
        ([msgspec.structs.replace(COKE, factor=None, laboratory=(Analysis(batch="a", carbon="1"),))], "line.batches"),
        ([msgspec.structs.replace(COKE, quantity="1.001")], "line.quantity.places"),
        ([msgspec.structs.replace(COKE, unit="1e4Nm3")], "line.unit"),
        ([msgspec.structs.replace(COKE, factor="unobtainium")], "line.factor.unknown"),
    ],
    ids=["nothing in", "id twice", "direction", "no carbon", "two carbons", "batches", "places", "unit", "factor"],
)
def test_a_balance_that_is_none_is_refused(flows: list[Flow], rule: str) -> None:
    with pytest.raises(AttestationError) as refusal:
        balance_carbon("furnace", flows, PARK)
    assert refusal.value.rule == rule
    assert "furnace" in refusal.value.message
