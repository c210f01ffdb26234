"""Working days (DOMAIN 11): the State Council's holidays and make-up days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.policies import add_working_days, is_working_day
from attestation.policies.working_days import is_weekend

# Spring Festival 2025: 28 January to 4 February off, Sunday 26 January and Saturday 8 February worked
# (State Council General Office notice of 12 November 2024, Guobanfa Mingdian [2024] 12).
SPRING_OFF = frozenset(date(2025, 1, 28) + timedelta(days=n) for n in range(8))
SPRING_WORKED = frozenset({date(2025, 1, 26), date(2025, 2, 8)})

days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
calendars = st.tuples(
    st.frozensets(st.dates(date(2024, 1, 1), date(2026, 12, 31)), max_size=40),
    st.frozensets(st.dates(date(2024, 1, 1), date(2026, 12, 31)).filter(is_weekend), max_size=20),
)
near = st.dates(date(2024, 1, 1), date(2026, 12, 31))
counts = st.integers(0, 60)


def test_spring_festival_2025_is_counted_as_it_was_announced() -> None:
    assert is_working_day(date(2025, 1, 26), SPRING_OFF, SPRING_WORKED)
    assert not is_working_day(date(2025, 1, 28), SPRING_OFF, SPRING_WORKED)
    assert not is_working_day(date(2025, 2, 9), SPRING_OFF, SPRING_WORKED)
    # From Friday 24 January: Sunday 26, Monday 27, then Wednesday 5 February.
    assert add_working_days(date(2025, 1, 24), 3, SPRING_OFF, SPRING_WORKED) == date(2025, 2, 5)
    # Wednesday to Saturday, all worked: 5, 6, 7, 8 February.
    assert add_working_days(date(2025, 1, 24), 6, SPRING_OFF, SPRING_WORKED) == date(2025, 2, 8)


@given(days, st.integers(0, 400))
def test_without_holidays_five_working_days_are_a_week(day: date, weeks: int) -> None:
    while is_weekend(day):
        day += timedelta(days=1)
    assert add_working_days(day, 5 * weeks, frozenset(), frozenset()) == day + timedelta(weeks=weeks)


@given(near, counts, counts, calendars)
def test_terms_add_up(day: date, one: int, other: int, calendar) -> None:
    holidays, workdays = calendar
    both = add_working_days(day, one + other, holidays, workdays)
    assert add_working_days(add_working_days(day, one, holidays, workdays), other, holidays, workdays) == both


@given(near, st.integers(1, 60), calendars)
def test_a_term_ends_on_a_working_day_and_holds_as_many_as_it_says(day: date, count: int, calendar) -> None:
    holidays, workdays = calendar
    last = add_working_days(day, count, holidays, workdays)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert is_working_day(last, holidays, workdays)
    assert sum(is_working_day(each, holidays, workdays) for each in between) == count


@given(near, counts, calendars, st.frozensets(near, max_size=10))
def test_another_holiday_never_shortens_a_term(day: date, count: int, calendar, more: frozenset[date]) -> None:
    holidays, workdays = calendar
    assert add_working_days(day, count, holidays, workdays) <= add_working_days(day, count, holidays | more, workdays)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        add_working_days(date(2025, 1, 1), -1, frozenset(), frozenset())
