"""Uncertainties by the root of the sum of squares (IPCC 2006, volume 1, chapter 3, equations 3.1 and 3.2).

    u_i = √(u_activity² + u_factor²)        u = √(Σ (E_i × u_i)²) / Σ E_i        in per cent

Each is half the 95 % interval.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attestation.accounting.trace import Step, add, multiply, root, rounded, unrounded

SOURCE = "2006 IPCC Guidelines, vol. 1, ch. 3, equations 3.1 and 3.2"
UNCERTAINTY_PLACES = 2
MAX_UNCERTAINTY = 1000
"""Per cent. Emission factors of N2O are known to a few hundred per cent; beyond this nothing is known."""

_WEIGHTED = "tCO2e %"
_SQUARED = "(tCO2e %)²"


def source_steps(emissions: Decimal, activity: Decimal, factor: Decimal) -> tuple[Step, ...]:
    """From the uncertainties of a source's activity and factor, in per cent, to its own (the step `u`) and, as the last
    step, to the square of its share in the total's. `emissions` in tCO2e."""
    squares = (multiply("u_activity²", "%²", [activity] * 2), multiply("u_factor²", "%²", [factor] * 2))
    together = add("u²", "%²", [square.value for square in squares], exact=False)
    uncertainty = root("u", "%", together.value)
    weighted = multiply("E × u", _WEIGHTED, [emissions, uncertainty.value])
    return (*squares, together, uncertainty, weighted, multiply("(E × u)²", _SQUARED, [weighted.value] * 2))


def combined_steps(squares: Iterable[Decimal], total: Decimal) -> tuple[Step, ...]:
    """From the sources' squares to the uncertainty of their `total`, in per cent at 2 places."""
    # Nothing emitted: nothing uncertain, and nothing to divide by.
    if total == 0:
        return (rounded("uncertainty", "%", Decimal(0), UNCERTAINTY_PLACES),)
    together = add("Σ (E × u)²", _SQUARED, squares, exact=False)
    weighted = root("√(Σ (E × u)²)", _WEIGHTED, together.value)
    quotient = multiply(unrounded("uncertainty"), "%", [weighted.value], over=[total])
    return (together, weighted, quotient, rounded("uncertainty", "%", quotient.value, UNCERTAINTY_PLACES))
