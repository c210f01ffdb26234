"""Fees of either side, and what an unrevealed bid forfeits (DOMAIN 14, 20): basis points, half-up to the fen."""

from __future__ import annotations

from fractions import Fraction

from quota.units import WHOLE_BPS, check_bps, check_fen, check_units, half_up


def fee_fen(value_fen: int, bps: int) -> int:
    """The fee of one side for a fill of this value (DOMAIN 20). Raises AmountRefused."""
    return half_up(Fraction(check_fen(value_fen, "value") * check_bps(bps, "fee"), WHOLE_BPS))


def reserved_fen(tonnes: int, price_fen: int, bps: int, minimum_fill: int = 1) -> int:
    """The money that stands behind a buy: its value, and the most that its fees may come to (DOMAIN 20).

    Each fill rounds its own fee up by half a fen at most, and a buy of `tonnes` has at most one fill per
    `minimum_fill`, the last of which may be less. Raises AmountRefused.
    """
    value = check_fen(check_units(tonnes, "tonnes") * check_fen(price_fen, "price"), "value")
    if not check_bps(bps, "fee"):
        return value
    fills = -(-tonnes // max(1, check_units(minimum_fill, "minimum")))
    return value + int(Fraction(value * bps, WHOLE_BPS) + Fraction(fills, 2))


def forfeit_fen(locked_fen: int, bps: int) -> int:
    """What a bid that was not revealed forfeits of the money that it locked (DOMAIN 14). Raises AmountRefused."""
    return half_up(Fraction(check_fen(locked_fen, "locked") * check_bps(bps, "forfeit"), WHOLE_BPS))
