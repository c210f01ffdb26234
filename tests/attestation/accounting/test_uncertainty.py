"""DOMAIN 46: uncertainties by the root of the sum of squares, IPCC 2006, volume 1, chapter 3, equations 3.1 and 3.2."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.uncertainty import combined_steps, source_steps

tonnes = st.decimals(min_value=0, max_value=100_000_000, places=2)
percents = st.decimals(min_value=0, max_value=1000, places=9)


def _of(emissions: str, activity: str, factor: str) -> tuple[Decimal, Decimal]:
    steps = source_steps(Decimal(emissions), Decimal(activity), Decimal(factor))
    return next(step.value for step in steps if step.symbol == "u"), steps[-1].value


def test_one_source_worked_by_hand_domain_46() -> None:
    """√(5² + 12²) = 13; (200 × 13)² = 6,760,000."""
    assert _of("200", "5", "12") == (13, 6_760_000)


def test_two_sources_worked_by_hand_domain_46() -> None:
    """√(300² + 400²) / 1000 = 0.5, of 100 t at 3 % and 100 t at 4 % beside 800 t that are certain."""
    squares = [_of("100", "3", "0")[1], _of("100", "0", "4")[1], _of("800", "0", "0")[1]]
    assert str(combined_steps(squares, Decimal(1000))[-1].value) == "0.50"


def test_nothing_emitted_is_not_uncertain_and_divides_by_nothing() -> None:
    (step,) = combined_steps([Decimal(0)], Decimal(0))
    assert str(step.value) == "0.00"


@given(st.lists(st.tuples(tonnes, percents, percents), min_size=1, max_size=5))
def test_the_total_is_no_more_uncertain_than_its_sources_added_up(
    drawn: list[tuple[Decimal, Decimal, Decimal]],
) -> None:
    """Any figures that a file may state: fifty digits hold them all."""
    total = sum((emissions for emissions, _, _ in drawn), start=Decimal(0))
    found = [source_steps(*source) for source in drawn]
    uncertainty = combined_steps([steps[-1].value for steps in found], total)[-1].value
    weighted = sum((step.value for steps in found for step in steps if step.symbol == "E × u"), start=Decimal(0))
    assert uncertainty * total <= weighted + total * Decimal("0.01")
