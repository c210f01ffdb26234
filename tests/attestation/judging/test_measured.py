from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("quantity", "unit", "rule", "value"),
    [
        ("-1", "kWh", "quantity.negative", "-1"),
        ("-0.01", "kWh", "quantity.negative", "-0.01"),
        ("1e3", "kWh", "decimal.grammar", "1e3"),
        ("+1", "kWh", "decimal.grammar", "+1"),
        ("01", "kWh", "decimal.grammar", "01"),
        ("1.", "kWh", "decimal.grammar", "1."),
        (".5", "kWh", "decimal.grammar", ".5"),
        ("1,5", "kWh", "decimal.grammar", "1,5"),
        ("NaN", "kWh", "decimal.grammar", "NaN"),
        ("Infinity", "kWh", "decimal.grammar", "Infinity"),
        ("1.0123456789", "kWh", "decimal.grammar", "1.0123456789"),
        ("1234567890123456789", "kWh", "decimal.grammar", "1234567890123456789"),
        ("１", "kWh", "decimal.grammar", "１"),
        ("999999999999999999", "kWh", "reading.absurd", "999999999999999999"),
        ("1", "kwh", "unit.unknown", "kwh"),
        ("1", "furlong", "unit.unknown", "furlong"),
    ],
)
def test_quantities_and_units_out_of_bounds_are_refused(world, park, quantity, unit, rule, value) -> None:
    with world.refused(rule, 9, value):
        park.log.accept(park.reading(1, quantity=quantity, unit=unit))


def test_quantities_are_read_exactly(park) -> None:
    verdict = park.log.accept(park.reading(1, quantity="0.100000001"))
    assert verdict.quantity == Decimal("0.100000001")


@pytest.mark.parametrize("member", ["start", "end"])
@pytest.mark.parametrize("text", ["2023-01-01", "2023-01-01T00:00:00", "2023-13-01T00:00:00Z", "now"])
def test_instants_of_another_form_are_refused(world, park, member: str, text: str) -> None:
    with world.refused("instant.format", 9, text):
        park.log.accept(park.reading(1, **{member: text}))


def test_iat_may_be_300_seconds_ahead_and_no_more(world, park) -> None:
    park.log.accept(park.reading(1, iat=park.log.now + 300))
    with world.refused("time.iat_future", 10, str(park.log.now + 301)):
        park.log.accept(park.reading(2, iat=park.log.now + 301))
    park.log.accept(park.reading(2, iat=0))


def test_a_period_that_ends_before_or_at_its_start_is_refused(world, park) -> None:
    for end in (0, 1):
        with world.refused("time.period_order", 10):
            park.log.accept(park.reading(1, start=world.quarter(1), end=world.quarter(end)))


def test_a_period_in_the_future_is_refused(world, park) -> None:
    park.log.now = 1_672_531_200 + 900 - 301
    with world.refused("time.period_future", 10):
        park.log.accept(park.reading(1, iat=0))
    park.log.now += 1
    park.log.accept(park.reading(1, iat=park.log.now))


def test_offsets_are_honoured_not_texts_compared(park, world) -> None:
    park.log.accept(park.reading(1, start="2023-01-01T08:00:00+08:00", end="2023-01-01T08:15:00+08:00"))
    park.log.accept(park.reading(2, start="2023-01-01T00:15:00Z", end="2023-01-01T00:30:00Z"))
    with world.refused("sequence.overlap_below", 11):
        park.log.accept(park.reading(3, start="2023-01-01T08:29:59+08:00", end="2023-01-01T08:45:00+08:00"))


def test_overlaps_with_the_neighbours_are_refused_both_ways(world, park) -> None:
    park.log.accept(park.reading(1))
    park.log.accept(park.reading(5))
    with world.refused("sequence.overlap_below", 11):
        park.log.accept(park.reading(3, start=world.quarter(0), end=world.quarter(2)))
    with world.refused("sequence.overlap_above", 11):
        park.log.accept(park.reading(3, start=world.quarter(3), end=world.quarter(5)))
    with world.refused("sequence.overlap_below", 11):
        park.log.accept(park.reading(6, start=world.quarter(1), end=world.quarter(2)))
    park.log.accept(park.reading(3, start=world.quarter(1), end=world.quarter(4)))


def test_a_gap_is_accepted_reported_as_open_and_can_be_filled(park) -> None:
    assert park.log.accept(park.reading(1)).opens_gap is None
    assert park.log.accept(park.reading(5)).opens_gap == (2, 4)
    for seq in (3, 2, 4):
        assert park.log.accept(park.reading(seq)).opens_gap is None
    assert park.log.accept(park.reading(6)).opens_gap is None


def test_the_first_statement_of_a_stream_may_already_open_a_gap(park) -> None:
    assert park.log.accept(park.reading(4)).opens_gap == (1, 3)


def test_streams_of_one_meter_are_apart(park) -> None:
    park.log.accept(park.reading(1))
    verdict = park.log.accept(park.reading(1, stream="heat", unit="GJ"))
    assert verdict.duplicate_of is None


def test_a_close_ends_a_period(world, park) -> None:
    for seq in (1, 2, 3):
        park.log.accept(park.reading(seq))
    verdict = park.log.accept(park.close(4, count=3))
    assert verdict.opens_gap is None
    assert verdict.period == (1_672_531_200, 1_672_531_200 + 2_700)
    with world.refused("sequence.closed_until", 11):
        park.log.accept(park.reading(5, start=world.quarter(2), end=world.quarter(4)))
    park.log.accept(park.reading(5, start=world.quarter(3), end=world.quarter(4)))


def test_last_seq_of_a_close_is_the_seq_before_it(world, park) -> None:
    park.log.accept(park.reading(1))
    for wrong in (0, 2, 3):
        with world.refused("close.last_seq", 11, str(wrong)):
            park.log.accept(park.close(2, count=1, last_seq=wrong))


def test_no_close_goes_below_what_is_logged(world, park) -> None:
    park.log.accept(park.reading(1))
    park.log.accept(park.reading(4))
    with world.refused("close.not_last", 11, "2"):
        park.log.accept(park.close(2, count=1))


def test_a_count_off_by_one_is_refused_with_claimed_and_recomputed(world, park) -> None:
    for seq in (1, 2, 3):
        park.log.accept(park.reading(seq))
    with world.refused("close.count_low", 11, "2") as caught:
        park.log.accept(park.close(4, count=2))
    assert "3" in caught.value.expected
    with world.refused("close.count_high", 11, "4") as caught:
        park.log.accept(park.close(4, count=4))
    assert "3" in caught.value.expected
    park.log.accept(park.close(4, count=3))


@pytest.mark.parametrize("member", ["count", "last_seq"])
def test_counts_are_not_negative(world, park, member: str) -> None:
    park.log.accept(park.reading(1))
    with world.refused("body.integer", 9, "-1"):
        park.log.accept(park.close(2, **({"count": 1} | {member: -1})))


def test_a_close_counts_since_the_previous_close(world, park) -> None:
    park.log.accept(park.reading(1))
    park.log.accept(park.close(2, count=1))
    park.log.accept(park.reading(3))
    with world.refused("close.count_high", 11):
        park.log.accept(park.close(4, count=2, start=1, end=3))
    park.log.accept(park.close(4, count=1, start=1, end=3))


def test_a_close_covers_the_readings_that_it_closes(world, park) -> None:
    park.log.accept(park.reading(1))
    park.log.accept(park.reading(2))
    with world.refused("close.period", 11):
        park.log.accept(park.close(3, count=2, start=1, end=2))
    with world.refused("close.period", 11):
        park.log.accept(park.close(3, count=2, start=0, end=1))
    park.log.accept(park.close(3, count=2, start=0, end=2))
    park.log.accept(park.reading(4, start=world.quarter(2), end=world.quarter(3)))
    with world.refused("close.period", 11):
        park.log.accept(park.close(5, count=1, start=1, end=3))


def test_withheld_readings_at_the_end_show_as_a_gap_of_the_close(park) -> None:
    park.log.accept(park.reading(1))
    verdict = park.log.accept(park.close(4, count=3, end=3))
    assert verdict.opens_gap == (2, 3)


def test_a_gap_below_a_close_is_filled_up_to_its_count_and_within_its_period(world, park) -> None:
    park.log.accept(park.reading(1))
    park.log.accept(park.close(5, count=3, end=4))
    with world.refused("sequence.closed_period", 11):
        park.log.accept(park.reading(4, start=world.quarter(4), end=world.quarter(5)))
    park.log.accept(park.reading(3))
    park.log.accept(park.reading(2))
    with world.refused("sequence.closed_count", 11, "4") as caught:
        park.log.accept(park.reading(4))
    assert "3" in caught.value.expected


def test_fills_are_judged_by_the_close_that_covers_them(world, park) -> None:
    park.log.accept(park.reading(1))
    park.log.accept(park.close(3, count=1, end=2))
    park.log.accept(park.reading(4, start=world.quarter(2), end=world.quarter(3)))
    park.log.accept(park.close(6, count=2, start=2, end=5))
    with world.refused("sequence.closed_count", 11):
        park.log.accept(park.reading(2))
    park.log.accept(park.reading(5, start=world.quarter(3), end=world.quarter(4)))


def test_a_second_close_may_not_reach_back(world, park) -> None:
    park.log.accept(park.reading(1))
    park.log.accept(park.close(2, count=1, end=4))
    with world.refused("close.period", 11):
        park.log.accept(park.close(3, count=0, start=3, end=5))
    assert park.log.accept(park.close(3, count=0, start=4, end=5)).opens_gap is None


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(1, 7)))
def test_readings_arrive_in_any_order_and_end_without_a_gap(world, order: list[int]) -> None:
    park = world.Park.with_meter()
    open_seqs: set[int] = set()
    for seq in order:
        gap = park.log.accept(park.reading(seq)).opens_gap
        open_seqs.discard(seq)
        if gap is not None:
            open_seqs.update(range(gap[0], gap[1] + 1))
    assert open_seqs == set()
    state = park.log.stream(world.METER, world.STREAM)
    assert (state.last_seq, state.count) == (6, 6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 8), st.integers(1, 3)), max_size=8))
def test_whatever_is_sent_accepted_readings_never_overlap(world, attempts: list[tuple[int, int, int]]) -> None:
    park = world.Park.with_meter()
    for seq, first, length in attempts:
        entry = park.reading(seq, start=world.quarter(first), end=world.quarter(first + length))
        world.refusal_of(park.log.accept, entry)
    logged = [e.verdict.period for e in park.log._readings(world.METER, world.STREAM)]
    assert all(one[1] <= two[0] for one, two in pairwise(logged))
