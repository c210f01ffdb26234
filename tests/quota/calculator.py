"""A pocket calculator for traces: it reads nothing but a step's text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from quota.trace import Step

NUMBER = r"\(?(-?[0-9]+(?:\.[0-9]+)?)\)?"


def keyed_in(expression: str) -> Fraction:
    """The value of an expression, from left to right."""
    rounding = re.fullmatch(r"(.*) rounded half-up to ([0-9]+) places", expression)
    if rounding:
        scale = 10 ** int(rounding.group(2))
        return Fraction((keyed_in(rounding.group(1)) * scale + Fraction(1, 2)).__floor__(), scale)
    if power := re.fullmatch(rf"{NUMBER} \^ {NUMBER}", expression):
        base, exponent = Decimal(power.group(1)), Decimal(power.group(2))
        return Fraction((base.ln() * exponent).exp())
    if called := re.fullmatch(r"(max|min|floor)\((.*)\)", expression):
        numbers = [Fraction(text) for text in called.group(2).split(", ")]
        return {"max": max, "min": min}[called.group(1)](numbers) if len(numbers) > 1 else Fraction(int(numbers[0]))
    first = re.match(NUMBER, expression)
    assert first, expression
    value, rest = Fraction(first.group(1)), expression[first.end() :]
    while rest:
        term = re.match(rf" ([+−×÷]) {NUMBER}", rest)
        assert term, expression
        number = Fraction(term.group(2))
        if term.group(1) == "+":
            value += number
        elif term.group(1) == "−":
            value -= number
        elif term.group(1) == "×":
            value *= number
        else:
            value /= number
        rest = rest[term.end() :]
    return value


def assert_recomputes(trace: Iterable[Step]) -> None:
    """Every step's expression gives its value, to the places that are shown."""
    for step in trace:
        wanted = keyed_in(step.expression)
        assert abs(wanted - step.value) <= abs(step.value) / 10**15 + Fraction(1, 10**12), step
