"""Decimal strings: one strict grammar in, plain digits out, one rounding rule.

Every quantity of a statement is a decimal string by `docs/design.md` §2. No function here depends on the
caller's ambient decimal context, so that one machine's settings cannot change another machine's result.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterable
from decimal import Decimal

from attestation.errors import SchemaRefused

PRECISION = 50
"""Significant digits of every calculation (DOMAIN 28 asks for 50)."""

GRAMMAR = r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?"
"""The grammar of a decimal string; it has no sign, so that a negative quantity cannot be written."""

_PATTERN = re.compile(GRAMMAR)


def calculation_context() -> decimal.Context:
    """A fresh context of 50 digits, half-up, that raises on anything undefined.

    Use it with `decimal.localcontext(calculation_context())`.
    """
    return decimal.Context(
        prec=PRECISION,
        rounding=decimal.ROUND_HALF_UP,
        Emin=-999_999,
        Emax=999_999,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow, decimal.FloatOperation],
    )


def exact_context() -> decimal.Context:
    """As `calculation_context`, and a result that would need rounding raises `decimal.Inexact`."""
    context = calculation_context()
    context.traps[decimal.Inexact] = True
    return context


def parse_decimal(text: str) -> Decimal:
    """The value of a decimal string `(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?`, its places kept.

    Raises SchemaRefused (`decimal.grammar`) for anything else: signs, exponents, leading zeros, blanks,
    digits other than ASCII, NaN, too many digits, or a value that is not a string.
    """
    if not isinstance(text, str) or _PATTERN.fullmatch(text) is None:
        raise SchemaRefused(
            rule="decimal.grammar",
            value=text,
            expected=f"a string matching {GRAMMAR}",
            message="Not a decimal string: a plain number from 0 up, with at most 18 digits before the point and 9 "
            "after it, no sign, exponent or leading zero",
            message_zh="不是合法的十进制字符串：须为非负数，小数点前至多18位、后至多9位，不得带符号、指数或前导零",
        )
    return Decimal(text)


def format_decimal(value: Decimal) -> str:
    """The digits of `value` without an exponent, its places kept (`Decimal("1.50")` gives `1.50`).

    Inverse of `parse_decimal` on everything that it accepts. Raises ValueError for NaN and infinities.
    """
    if not value.is_finite():
        msg = f"only finite decimals can be written, not {value}"
        raise ValueError(msg)
    return format(value.copy_abs() if value.is_zero() else value, "f")


def round_half_up(value: Decimal, places: int) -> Decimal:
    """`value` to exactly `places` decimal places (0 or more), halves away from zero (DOMAIN 1, 36).

    Raises ValueError for a negative `places`, NaN and infinities, and for a result beyond 50 digits.
    """
    if places < 0 or not value.is_finite():
        msg = f"cannot round {value} to {places} places"
        raise ValueError(msg)
    try:
        return value.quantize(Decimal((0, (1,), -places)), context=calculation_context())
    except decimal.InvalidOperation as error:
        msg = f"{value} at {places} places has more than {PRECISION} digits"
        raise ValueError(msg) from error


def decimal_places(value: Decimal) -> int:
    """How many places after the point `value` is written with (`1.50` has 2, `1E+3` has 0)."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        msg = f"{value} has no decimal places"
        raise ValueError(msg)
    return max(0, -exponent)


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """The exact sum; an empty one is 0. Raises `decimal.Inexact` beyond 50 digits."""
    with decimal.localcontext(exact_context()):
        return sum(values, start=Decimal(0))
