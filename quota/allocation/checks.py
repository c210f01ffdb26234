"""The checks that every number, name and year of an allocation passes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

from quota.refusals import refuse
from quota.units import exactly

FIRST_YEAR, LAST_YEAR = 2000, 2999
MOST_DIGITS, MOST_PLACES = 18, 9
"""Digits before and after the point of a decimal, as every signed statement writes them."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9^./-]{0,15}")


def check_decimal(value: object, at: str) -> Decimal:
    """A Decimal from 0 up with at most 18 digits before and 9 after the point. Raises AmountRefused,
    AllocationRefused (`allocation.digits`)."""
    number = check_finite(value, at)
    exactly(number, at)
    exponent = number.as_tuple().exponent
    if number >= 10**MOST_DIGITS or (isinstance(exponent, int) and exponent < -MOST_PLACES):
        raise refuse("allocation.digits", number, at=at)
    return number


def check_positive(value: object, at: str) -> Decimal:
    """As `check_decimal`, above zero. Raises also `allocation.zero`."""
    number = check_decimal(value, at)
    if not number:
        raise refuse("allocation.zero", number, at=at)
    return number


def check_name(value: object, at: str) -> str:
    """The name of a sector or a generating unit. Raises AllocationRefused (`allocation.name`)."""
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        raise refuse("allocation.name", value, at=at)
    return value


def check_unit(value: object, at: str) -> str:
    """The unit of an output. Raises AllocationRefused (`allocation.unit`)."""
    if not isinstance(value, str) or _UNIT.fullmatch(value) is None:
        raise refuse("allocation.unit", value, at=at)
    return value


def check_years(years: Iterable[int], at: str) -> None:
    """At least one base year, each once. Raises AllocationRefused (`allocation.empty`, `.twice`)."""
    found = sorted(years)
    if not found:
        raise refuse("allocation.empty", "no base year", at=at)
    for one, other in pairwise(found):
        if one == other:
            raise refuse("allocation.twice", one, at=at)


def check_year(value: object, at: str) -> int:
    """A year. Raises AllocationRefused (`allocation.year`)."""
    if type(value) is not int or not FIRST_YEAR <= value <= LAST_YEAR:
        raise refuse(
            "allocation.year",
            value,
            f"a year from {FIRST_YEAR} to {LAST_YEAR}",
            at=at,
            expected_zh=f"{FIRST_YEAR} 至 {LAST_YEAR} 年",
        )
    return value


def check_finite(value: object, at: str) -> Decimal:
    """A finite Decimal of either sign. Raises AmountRefused (`amount.type`, `amount.not_finite`)."""
    if not isinstance(value, Decimal):
        raise refuse("amount.type", f"{type(value).__name__} {value}", at=at)
    if not value.is_finite():
        raise refuse("amount.not_finite", value, at=at)
    return value
