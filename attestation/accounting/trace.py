"""How a figure came about, in steps that a pocket calculator repeats.

A step's expression holds numbers and one family of operations (`+` and `−`, or `×` and `÷`), so that it is keyed in
from left to right; a rounding is a step of its own. Figures are computed by making the steps, never beside them.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from attestation.decimals import calculation_context, exact_context, format_decimal, round_half_up


@dataclass(frozen=True, slots=True)
class Term:
    """One number of a formula: the symbol it stands for, its value and unit, and where it is from. `factor` says that
    the report's factor set has it."""

    symbol: str
    value: Decimal
    unit: str
    source: str
    factor: bool = False

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members; the value is a plain decimal string."""
        return {
            "symbol": self.symbol,
            "value": format_decimal(self.value),
            "unit": self.unit,
            "source": self.source,
            "factor": self.factor,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """`symbol` = `expression` = `value` `unit`."""

    symbol: str
    expression: str
    value: Decimal
    unit: str

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members; the value is a plain decimal string."""
        return {
            "symbol": self.symbol,
            "expression": self.expression,
            "value": format_decimal(self.value),
            "unit": self.unit,
        }


def multiply(
    symbol: str, unit: str, factors: Iterable[Decimal], over: Iterable[Decimal] = (), *, exact: bool = False
) -> Step:
    """The product of `factors`, divided by each of `over`, at 50 digits. Divisors are never 0: callers refuse that.

    With `exact`, `decimal.Inexact` is raised where 50 digits are not enough.
    """
    numbers, divisors = list(factors), list(over)
    with decimal.localcontext(exact_context() if exact else calculation_context()):
        value = Decimal(1)
        for number in numbers:
            value *= number
        for divisor in divisors:
            value /= divisor
    text = " × ".join(format_decimal(number) for number in numbers)
    return Step(symbol, "".join([text, *(f" ÷ {format_decimal(divisor)}" for divisor in divisors)]), value, unit)


def add(symbol: str, unit: str, added: Iterable[Decimal], taken: Iterable[Decimal] = (), *, exact: bool = True) -> Step:
    """The sum of `added` less each of `taken`: exact, or at 50 digits where `exact` is not asked for."""
    plus, minus = list(added), list(taken)
    text = " + ".join(format_decimal(number) for number in plus) or "0"
    text = "".join([text, *(f" − {format_decimal(number)}" for number in minus)])
    with decimal.localcontext(exact_context() if exact else calculation_context()):
        value = sum(plus, start=Decimal(0)) - sum(minus, start=Decimal(0))
    return Step(symbol, text, value, unit)


def root(symbol: str, unit: str, value: Decimal) -> Step:
    """The square root of `value`, from 0 up, at 50 digits."""
    with decimal.localcontext(calculation_context()):
        return Step(symbol, f"√{format_decimal(value)}", value.sqrt(), unit)


def unrounded(symbol: str) -> str:
    """What a number is called before it is rounded: one name is one value."""
    return f"{symbol} unrounded"


def rounded(symbol: str, unit: str, value: Decimal, places: int) -> Step:
    """`value` half-up at `places` places."""
    text = f"{format_decimal(value)} rounded half-up to {places} places"
    return Step(symbol, text, round_half_up(value, places), unit)
