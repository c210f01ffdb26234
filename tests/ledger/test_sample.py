"""The median in bounded memory: exact while it is small, evenly spaced after, the same however values arrive."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.sample import Sample


def fed(values: list[Decimal], cuts: list[int]) -> Sample:
    sample, at = Sample(), 0
    for size in [*cuts, len(values)]:
        sample.take(values[at : at + size])
        at += size
    return sample


@given(values=st.lists(st.integers(0, 9).map(Decimal), max_size=60), cuts=st.lists(st.integers(0, 20), max_size=5))
def test_a_small_sequence_has_its_own_upper_median(values: list[Decimal], cuts: list[int]) -> None:
    assert fed(values, cuts).median() == (sorted(values)[len(values) // 2] if values else None)


@given(count=st.integers(1, 300), most=st.integers(2, 9), cuts=st.lists(st.integers(0, 40), max_size=9))
def test_a_long_one_is_sampled_evenly_and_never_above_the_bound(count: int, most: int, cuts: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.sample.SAMPLE", most)
        sample = fed([Decimal(place) for place in range(count)], cuts)
    kept = [int(value) for value in sample._values]
    stride = 1
    while len(range(0, count, stride)) > most:
        stride *= 2
    assert kept == list(range(0, count, stride))
