"""Whole units and the two roundings (DOMAIN 1): one unit is one tonne of CO2e, money is fen (CNY 0.01).

Amounts are Python integers within the bounds of the contracts. What is exact and not whole is a `Decimal` or a
`fractions.Fraction`, a quotient of integers; a binary float is refused wherever it appears.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NewType

from quota.refusals import refuse

Tonnes = NewType("Tonnes", int)
"""Whole units of quota or CCER, tCO2e."""

Fen = NewType("Fen", int)
"""Money, CNY 0.01."""

MAX_UNITS = 2**64 - 1
"""The most units of one amount: the contracts hold them as `uint64`."""

MAX_FEN = 2**96 - 1
"""The most money of one amount."""

WHOLE_BPS = 10_000
"""One in basis points."""

Exact = Decimal | Fraction | int
"""A number without rounding."""


def check_units(value: object, at: str) -> int:
    """`value` as a number of units from 0 to `MAX_UNITS`. Raises AmountRefused (`amount.type`, `amount.range`)."""
    return _check(value, MAX_UNITS, at)


def check_fen(value: object, at: str) -> int:
    """`value` as an amount of money from 0 to `MAX_FEN`. Raises AmountRefused (`amount.type`, `amount.range`)."""
    return _check(value, MAX_FEN, at)


def check_bps(value: object, at: str) -> int:
    """`value` as basis points from 0 to 10,000. Raises AmountRefused (`amount.type`, `amount.range`)."""
    return _check(value, WHOLE_BPS, at)


def exactly(value: object, at: str) -> Fraction:
    """A number from 0 up as a quotient of integers.

    Raises AmountRefused: `amount.type` (a float, a boolean, a text), `amount.negative`, `amount.not_finite`.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise refuse("amount.type", f"{type(value).__name__} {value}", at=at)
    if isinstance(value, Decimal) and not value.is_finite():
        raise refuse("amount.not_finite", value, at=at)
    if value < 0:
        raise refuse("amount.negative", value, at=at)
    return Fraction(value)


def floor_tonnes(value: Exact) -> int:
    """The whole tonnes of `value`: allocations and caps floor (DOMAIN 1). Raises AmountRefused."""
    return check_units(int(exactly(value, "tonnes")), "tonnes")


def half_up(value: Exact) -> int:
    """The nearest whole number of a value from 0 up, halves up: reports and money (DOMAIN 1). Raises AmountRefused."""
    exact = exactly(value, "value")
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _check(value: object, most: int, at: str) -> int:
    if type(value) is not int:
        raise refuse("amount.type", f"{type(value).__name__} {value}", at=at)
    if not 0 <= value <= most:
        raise refuse("amount.range", value, f"0 to {most}", at=at, expected_zh=f"0 至 {most}")
    return value
