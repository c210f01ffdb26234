from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import Formula, LineKind, ObligationBase, RecomputedLine
from attestation.accounting.totals import parse_base, sum_up
from attestation.errors import SchemaRefused


def _line(kind: LineKind, emissions: Decimal) -> RecomputedLine:
    return RecomputedLine("x", kind, "n", Formula("f", "e", "s"), (), (), emissions, emissions)


LINES = st.lists(
    st.builds(_line, st.sampled_from(LineKind), st.decimals(min_value=0, max_value=10**9, places=2)), max_size=20
)


@given(LINES)
def test_scopes_are_kept_apart_and_the_base_only_moves_the_obligation(lines: list[RecomputedLine]) -> None:
    direct, both = (sum_up(lines, base) for base in ObligationBase)
    energy, apart = {"electricity", "heat"}, {"biogenic", "removal"}
    assert direct.scope1 == both.scope1 == sum(r.emissions for r in lines if r.kind not in energy | apart)
    assert direct.scope2 == both.scope2 == sum(r.emissions for r in lines if r.kind in energy)
    assert abs(direct.obligation_tonnes - direct.scope1) <= Decimal("0.5")
    assert abs(both.obligation_tonnes - both.scope1 - both.scope2) <= Decimal("0.5")


@given(LINES, LINES)
def test_totals_add_up_over_parts_exactly(a: list[RecomputedLine], b: list[RecomputedLine]) -> None:
    whole, left, right = (sum_up(x, ObligationBase.DIRECT_AND_ENERGY) for x in (a + b, a, b))
    assert whole.scope1 == left.scope1 + right.scope1
    assert whole.scope2 == left.scope2 + right.scope2


@pytest.mark.parametrize(
    ("scope1", "scope2", "base", "tonnes"),
    [
        ("38942.49", "0.00", "direct", 38942),
        ("38942.50", "0.00", "direct", 38943),
        ("0.49", "99.99", "direct", 0),
        ("0.49", "0.01", "direct+energy", 1),
        ("0.30", "0.19", "direct+energy", 0),
        ("0.40", "0.40", "direct+energy", 1),
    ],
)
def test_whole_tonnes_are_rounded_half_up_once_on_the_sum_domain_1(
    scope1: str, scope2: str, base: str, tonnes: int
) -> None:
    lines = [_line(LineKind.COMBUSTION, Decimal(scope1)), _line(LineKind.HEAT, Decimal(scope2))]
    assert sum_up(lines, ObligationBase(base)).obligation_tonnes == tonnes


def test_empty_scopes_are_written_with_two_places() -> None:
    assert sum_up([], ObligationBase.DIRECT).as_dict() == {
        "scope1": "0.00", "scope2": "0.00", "obligation_base": "direct", "obligation_tonnes": 0,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "Direct", "energy", "direct + energy", "scope1"])
def test_an_unknown_base_is_refused_domain_2(text: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        parse_base(text)
    assert (refusal.value.rule, refusal.value.value) == ("obligation_base.unknown", text)
    assert refusal.value.expected == "direct or direct+energy"
