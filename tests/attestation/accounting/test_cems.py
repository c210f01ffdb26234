"""DOMAIN 34: measured stacks, their completeness and how holes are filled."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import CemsRules, RecomputedLine
from attestation.accounting.cems import check_blocks, mass_of, measured_stack
from attestation.bodies import CemsBlock
from attestation.errors import AttestationError, RecomputationRefused, SchemaRefused
from attestation.instants import format_instant

START = 1_672_531_200
HOUR = 3600
FLOWS = st.decimals(min_value=0, max_value=1_000_000, places=3)
CONCENTRATIONS = st.decimals(min_value=0, max_value=400, places=4)
RULES = CemsRules()


def _block(number: int, flow: object, concentration: object, hours: object = 24, status: str = "measured") -> CemsBlock:
    start = START + number * 24 * HOUR
    return CemsBlock(
        start=format_instant(start),
        end=format_instant(start + 24 * HOUR),
        hours=str(hours),
        flow=str(flow),
        concentration=str(concentration),
        status=status,
    )


def _line(blocks: list[CemsBlock], rules: CemsRules = RULES) -> RecomputedLine:
    return measured_stack("stack", mass_of(blocks), "t", blocks, rules)


def test_three_days_worked_by_hand_domain_34() -> None:
    """100,000 Nm3/h × 200 g × 24 h = 480 t; 110,000 × 210 × 20 = 462 t; the third, unmeasured for 10 of its hours'
    plant, takes the valid block that emits most: 110,000 × 210 × 10 = 231 t. 44 of 54 hours are measured: 81 %."""
    blocks = [_block(0, 100000, 200), _block(1, 110000, 210, 20), _block(2, 110000, 210, 10, "substituted")]
    line = _line(blocks)
    assert str(line.emissions) == "1173.00"
    assert [str(step.value) for step in line.steps] == [
        "480000000", "462000000", "231000000", "1173000000", "1173", "1173.00",
    ]  # fmt: skip


@given(st.lists(st.tuples(FLOWS, CONCENTRATIONS), min_size=1, max_size=6))
def test_emissions_are_the_sum_over_blocks_rounded_once(drawn: list[tuple[Decimal, Decimal]]) -> None:
    line = _line([_block(n, *values) for n, values in enumerate(drawn)])
    exact = sum((Fraction(flow) * Fraction(c) * 24 for flow, c in drawn), Fraction(0)) / 10**6
    assert abs(Fraction(line.unrounded) - exact) < Fraction(1, 10**30)
    assert abs(Fraction(line.emissions) - exact) <= Fraction(1, 200)


@given(FLOWS, CONCENTRATIONS, st.integers(0, 9))
def test_emissions_scale_with_the_flow(flow: Decimal, concentration: Decimal, times: int) -> None:
    once, often = (_line([_block(0, value, concentration)]) for value in (flow, flow * times))
    assert Fraction(often.unrounded) == Fraction(once.unrounded) * times


@given(FLOWS, CONCENTRATIONS)
def test_a_block_cut_in_two_emits_the_same(flow: Decimal, concentration: Decimal) -> None:
    halves = [_block(0, flow, concentration, 12), _block(1, flow, concentration, 12)]
    assert _line(halves).unrounded == _line([_block(0, flow, concentration, 24)]).unrounded


def test_the_mean_is_weighted_by_hours_and_by_volume() -> None:
    """Flow (100 × 24 + 400 × 12) / 36 = 200 Nm3/h; concentration (100×100×24 + 400×400×12) / (200×36) = 300 g/Nm3."""
    rules = CemsRules(substitution="mean")
    blocks = [_block(0, 100, 100), _block(1, 400, 400, 12), _block(2, "200.000", "300.0000", 10, "substituted")]
    assert str(_line(blocks, rules).emissions) == "2.76"
    with pytest.raises(RecomputationRefused) as refusal:
        _line(blocks)
    assert refusal.value.rule == "line.cems.substitution"
    assert refusal.value.expected == "400 Nm3/h, 400 g/Nm3"


@pytest.mark.parametrize(("measured", "accepted"), [(18, True), (17.9999, False), (0, False)])
def test_below_completeness_a_stack_is_refused_domain_34(measured: object, accepted: bool) -> None:
    """75 % of the hours in operation, by default (HJ 75-2017)."""
    blocks = [
        _block(0, 100, 100, measured),
        _block(1, 100, 100, 24 - Decimal(str(measured)) if measured else 24, "substituted"),
    ]
    if accepted:
        assert str(_line(blocks).emissions) == "0.24"
        return
    with pytest.raises(RecomputationRefused) as refusal:
        _line(blocks)
    assert (refusal.value.rule, refusal.value.line) == ("line.cems.completeness", "stack")
    assert "75" in refusal.value.expected
    assert "有效监测时数不足" in refusal.value.message_zh


def test_hours_out_of_operation_need_no_measurement() -> None:
    blocks = [_block(0, 100, 100), _block(1, 0, 0, 0), _block(2, 0, 0, 0)]
    assert str(_line(blocks).emissions) == "0.24"
    assert str(_line([_block(0, 0, 0, 0), _block(1, 5, 5, 0, "substituted")]).emissions) == "0.00"


def test_without_any_valid_hour_nothing_is_filled_whatever_the_year_allows() -> None:
    with pytest.raises(RecomputationRefused, match=r"line\.cems\.completeness"):
        _line([_block(0, 100, 100, 24, "substituted")], CemsRules(Decimal(0)))


def test_a_block_filled_otherwise_than_by_the_rule_is_refused() -> None:
    blocks = [_block(0, 100, 100), _block(1, 99, 100, 5, "substituted")]
    with pytest.raises(RecomputationRefused, match="block 2"):
        _line(blocks)


def test_a_mass_that_the_blocks_do_not_give_is_refused() -> None:
    blocks = [_block(0, 100000, 200)]
    with pytest.raises(RecomputationRefused) as refusal:
        measured_stack("stack", Decimal("480.01"), "t", blocks, RULES)
    assert (refusal.value.rule, refusal.value.value, refusal.value.expected) == ("line.cems.mass", "480.01", "480.00")


PERIOD = (START, START + 2 * 24 * HOUR)
FIRST, SECOND = _block(0, 1, 1), _block(1, 1, 1)


@pytest.mark.parametrize(
    "blocks",
    [
        [FIRST],
        [SECOND],
        [FIRST, FIRST],
        [FIRST, SECOND, _block(2, 1, 1)],
        [FIRST, _block(2, 1, 1)],
        [msgspec.structs.replace(FIRST, end=FIRST.start), SECOND],
        [FIRST, msgspec.structs.replace(SECOND, hours="24.0001")],
        [FIRST, msgspec.structs.replace(SECOND, status="guessed")],
        [FIRST, msgspec.structs.replace(SECOND, concentration="1841")],
        [FIRST, msgspec.structs.replace(SECOND, flow="0.0001")],
    ],
    ids=["short", "late", "overlap", "long", "hole", "empty", "hours", "status", "undiluted", "places"],
)  # fmt: skip
def test_blocks_that_do_not_tile_the_period_or_no_stack_has_are_refused(blocks: list[CemsBlock]) -> None:
    check_blocks("stack", [FIRST, SECOND], PERIOD)
    with pytest.raises(SchemaRefused) as refusal:
        check_blocks("stack", blocks, PERIOD)
    assert (refusal.value.step, refusal.value.rule) == (9, "line.blocks")


def test_a_negative_concentration_is_no_number() -> None:
    with pytest.raises(AttestationError, match=r"decimal\.grammar"):
        check_blocks("stack", [msgspec.structs.replace(FIRST, concentration="-1"), SECOND], PERIOD)


def test_an_unknown_substitution_is_no_rule() -> None:
    with pytest.raises(ValueError, match="unknown substitution"):
        CemsRules(substitution="zero")
