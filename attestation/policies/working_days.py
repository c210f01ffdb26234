"""Working days as the State Council announces them: Monday to Friday without holidays, and make-up days on weekends
(DOMAIN 11)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

_SATURDAY = 5
_ONE = timedelta(days=1)


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= _SATURDAY


def is_working_day(day: date, holidays: AbstractSet[date], workdays: AbstractSet[date]) -> bool:
    """Whether work is done that day; ``workdays`` are make-up days (调休上班), which go before all else."""
    return day in workdays or (not is_weekend(day) and day not in holidays)


def add_working_days(day: date, count: int, holidays: AbstractSet[date], workdays: AbstractSet[date]) -> date:
    """The ``count``-th working day after ``day``, which itself does not count; ``day`` for a count of 0.

    Raises OverflowError beyond year 9999 and ValueError for a negative count.
    """
    if count < 0:
        raise ValueError(f"a count of working days is not negative: {count}")
    while count > 0:
        day += _ONE
        count -= is_working_day(day, holidays, workdays)
    return day
