"""A calculator of ten digits that repeats a printed trace: it reads nothing but the text."""

from __future__ import annotations

import decimal
import re
from decimal import Decimal

from attestation.decimals import round_half_up

_STEP = re.compile(r"  (?P<symbol>\S[^=]*) = (?P<expression>[-0-9√].*) = (?P<value>-?[0-9.]+)…? \S.*")
_ROUNDED = re.compile(r"(?P<number>-?[0-9.]+)…? rounded half-up to (?P<places>[0-9]+) places")


def keyed_in(expression: str) -> Decimal:
    """The result, from left to right."""
    matched = _ROUNDED.fullmatch(expression)
    if matched is not None:
        return round_half_up(Decimal(matched["number"]), int(matched["places"]))
    first, *rest = expression.replace("…", "").split(" ")
    with decimal.localcontext(decimal.Context(prec=10)):
        value = Decimal(first[1:]).sqrt() if first.startswith("√") else Decimal(first)
        for sign, number in zip(rest[::2], rest[1::2], strict=True):
            right = Decimal(number)
            value = {"+": value + right, "−": value - right, "×": value * right, "÷": value / (right or 1)}[sign]
    return value


def repeat(text: str) -> list[str]:
    """Key every step of a printed trace in again; the symbols of the steps, in their order."""
    steps = [matched for matched in map(_STEP.fullmatch, text.splitlines()) if matched is not None]
    for step in steps:
        value, printed = keyed_in(step["expression"]), Decimal(step["value"])
        assert abs(value - printed) <= abs(printed) * Decimal("1e-8"), step[0]
    return [step["symbol"] for step in steps]
