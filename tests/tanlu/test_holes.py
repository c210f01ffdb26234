"""Holes in time: seen by the clock, numbered only where it is known how many readings are missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.errors import InputRefused
from tanlu.holes import Before, Numbering, find_holes, hole_before
from tanlu.readings import MeterRow


def instant(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def rows_at(periods: Sequence[tuple[int, int]]) -> list[MeterRow]:
    return [
        MeterRow(line, instant(start), instant(end), start, end, "1") for line, (start, end) in enumerate(periods, 2)
    ]


steps = st.sets(st.integers(0, 300), min_size=1, max_size=60)
lengths = st.sampled_from((1, 60, 900, 3_600, 86_400))


@given(steps, lengths)
def test_a_rows_number_is_the_number_of_intervals_since_the_first(taken: set[int], seconds: int) -> None:
    places = sorted(taken)
    rows = rows_at([(step * seconds, (step + 1) * seconds) for step in places])
    numbering = Numbering(rows, leave_gaps=True)
    assert list(numbering.offsets) == [step - places[0] for step in places]
    assert numbering.left_open(numbering.holes) == places[-1] - places[0] + 1 - len(places)
    runs = [range(numbering.offsets[start], numbering.offsets[end - 1] + 1) for start, end in numbering.runs()]
    assert [offset for run in runs for offset in run] == list(numbering.offsets)
    for offset in range(places[-1] - places[0] + 2):
        assert numbering.below(offset) == sum(each < offset for each in numbering.offsets)


@given(steps, lengths)
def test_numbered_through_the_holes_are_still_told(taken: set[int], seconds: int) -> None:
    rows = rows_at([(step * seconds, (step + 1) * seconds) for step in sorted(taken)])
    numbering = Numbering(rows, leave_gaps=False)
    assert list(numbering.offsets) == list(range(len(rows)))
    assert list(numbering.runs()) == [(0, len(rows))]
    assert numbering.left_open(numbering.holes) == 0
    covered = sum(hole.seconds for hole in numbering.holes) + sum(row.end_at - row.start_at for row in rows)
    assert covered == rows[-1].end_at - rows[0].start_at


def test_a_hole_names_its_instants_and_the_line_after_it() -> None:
    (hole,) = find_holes(rows_at([(0, 3_600), (3_600, 7_200), (14_400, 18_000)]))
    assert hole.as_dict() == {"from": "1970-01-01T02:00:00Z", "to": "1970-01-01T04:00:00Z", "line": 4}
    assert (hole.seconds, hole.position) == (7_200, 2)


@pytest.mark.parametrize(
    ("periods", "rule", "value"),
    [
        ([(0, 60), (90, 150)], "import.hole_length", "line 3: 1970-01-01T00:01:00Z to 1970-01-01T00:01:30Z, 30 s"),
        ([(0, 60), (120, 240)], "import.intervals", "line 2: 60 s, line 3: 120 s"),
        ([(0, 60), (120, 180), (180, 210)], "import.intervals", "line 2: 60 s, line 4: 30 s"),
    ],
)
def test_where_the_missing_cannot_be_counted_no_number_is_left(
    periods: list[tuple[int, int]], rule: str, value: str
) -> None:
    rows = rows_at(periods)
    with pytest.raises(InputRefused) as caught:
        Numbering(rows, leave_gaps=True)
    assert (caught.value.rule, caught.value.value) == (rule, value)
    assert list(Numbering(rows, leave_gaps=False).offsets) == list(range(len(rows)))


def test_rows_of_any_length_that_follow_each_other_need_no_gap() -> None:
    assert list(Numbering(rows_at([(0, 60), (60, 200)]), leave_gaps=True).offsets) == [0, 1]


def test_the_reading_before_a_file_must_be_as_long_as_its_rows() -> None:
    rows = rows_at([(600, 660), (660, 720)])
    numbering = Numbering(rows, leave_gaps=True)
    before = Before(instant(300), 300, 60)
    assert numbering.left_open(hole_before(before, rows), before) == 5
    assert hole_before(Before(instant(600), 600, 60), rows) == hole_before(None, rows) == ()
    other = Before(instant(300), 300, 30)
    with pytest.raises(InputRefused) as caught:
        numbering.left_open(hole_before(other, rows), other)
    assert caught.value.rule == "import.intervals"
