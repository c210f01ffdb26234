"""How a figure came about, in steps that a pocket calculator repeats.

A step's expression holds numbers and one kind of operation. Figures are computed by making the steps, never beside
them. Values are exact quotients; where one has no end it is shown with 18 places, half-up, and marked inexact: the
figure itself goes on exactly.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quota.units import Exact

SHOWN_PLACES = 18
PRECISION = 50
"""Digits of a power (DOMAIN 28)."""


@dataclass(frozen=True, slots=True)
class Step:
    """`symbol` = `expression` = `value` `unit`; `source` names the rule or the document that the step follows."""

    symbol: str
    expression: str
    value: Fraction
    unit: str
    source: str = ""

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members: the value as a plain decimal string, and whether that string is all of it."""
        return {
            "symbol": self.symbol,
            "expression": self.expression,
            "value": show(self.value),
            "unit": self.unit,
            "source": self.source,
            "exact": is_shown_exactly(self.value),
        }


def show(value: Exact) -> str:
    """A plain decimal string without trailing zeros: exact where 18 places are enough, else half-up at 18 places."""
    exact = Fraction(value)
    scale = 10**SHOWN_PLACES
    size = abs(exact)
    whole, rest = divmod((2 * size.numerator * scale + size.denominator) // (2 * size.denominator), scale)
    places = f"{rest:0{SHOWN_PLACES}d}".rstrip("0")
    sign = "-" if exact < 0 and (whole or rest) else ""
    return f"{sign}{whole}.{places}" if places else f"{sign}{whole}"


def is_shown_exactly(value: Fraction) -> bool:
    """Whether `show` gives all of the value."""
    return bool((value * 10**SHOWN_PLACES).denominator == 1)


def multiply(symbol: str, unit: str, factors: Iterable[Exact], over: Iterable[Exact] = (), *, source: str = "") -> Step:
    """The product of `factors` divided by each of `over`. Divisors are never 0: callers refuse that."""
    numbers, divisors = list(factors), list(over)
    value = Fraction(1)
    for number in numbers:
        value *= Fraction(number)
    for divisor in divisors:
        value /= Fraction(divisor)
    text = " × ".join(_term(number) for number in numbers)
    return Step(symbol, "".join([text, *(f" ÷ {_term(divisor)}" for divisor in divisors)]), value, unit, source)


def add(symbol: str, unit: str, added: Iterable[Exact], taken: Iterable[Exact] = (), *, source: str = "") -> Step:
    """The sum of `added` less each of `taken`."""
    plus, minus = list(added), list(taken)
    value = sum((Fraction(number) for number in plus), Fraction(0)) - sum(
        (Fraction(number) for number in minus), Fraction(0)
    )
    text = " + ".join(_term(number) for number in plus) or "0"
    return Step(symbol, "".join([text, *(f" − {_term(number)}" for number in minus)]), value, unit, source)


def larger(symbol: str, unit: str, one: Exact, other: Exact, *, source: str = "") -> Step:
    """The larger of two."""
    return Step(symbol, f"max({show(one)}, {show(other)})", max(Fraction(one), Fraction(other)), unit, source)


def smaller(symbol: str, unit: str, one: Exact, other: Exact, *, source: str = "") -> Step:
    """The smaller of two."""
    return Step(symbol, f"min({show(one)}, {show(other)})", min(Fraction(one), Fraction(other)), unit, source)


def floored(symbol: str, unit: str, value: Exact, *, source: str = "") -> Step:
    """The whole part of a value from 0 up."""
    exact = Fraction(value)
    return Step(symbol, f"floor({show(exact)})", Fraction(exact.numerator // exact.denominator), unit, source)


def rounded(symbol: str, unit: str, value: Exact, places: int, *, source: str = "") -> Step:
    """A value from 0 up, half-up at `places` places."""
    exact = Fraction(value) * 10**places
    whole = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return Step(symbol, f"{show(value)} rounded half-up to {places} places", Fraction(whole, 10**places), unit, source)


def raised(symbol: str, base: Decimal, exponent: Fraction, places: int, *, source: str = "") -> Step:
    """`base` to the power of a finite decimal `exponent`, at 50 digits, half-up at `places` places."""
    context = decimal.Context(
        prec=PRECISION,
        rounding=decimal.ROUND_HALF_UP,
        Emin=-999_999,
        Emax=999_999,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow, decimal.FloatOperation],
    )
    power = context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    value = context.quantize(context.power(base, power), Decimal((0, (1,), -places)))
    text = f"{show(base)} ^ {_term(exponent)} rounded half-up to {places} places"
    return Step(symbol, text, Fraction(value), "1", source)


def _term(value: Exact) -> str:
    text = show(value)
    return f"({text})" if text.startswith("-") else text
