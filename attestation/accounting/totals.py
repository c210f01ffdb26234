"""Scope 1, scope 2 and the obligation: three figures that are never mixed (DOMAIN 1, 2, 33, 36)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from attestation.accounting.lines import EMISSIONS_PLACES, LineKind, RecomputedLine
from attestation.accounting.refusals import schema_refusal
from attestation.decimals import exact_sum, format_decimal, round_half_up


class ObligationBase(StrEnum):
    """On what the obligation of a year is levied; a parameter of the year's policy (DOMAIN 2)."""

    DIRECT = "direct"
    DIRECT_AND_ENERGY = "direct+energy"


@dataclass(frozen=True, slots=True)
class Totals:
    """`scope1` and `scope2` in tCO2 at 2 places; `obligation_tonnes` whole tonnes on `obligation_base`."""

    scope1: Decimal
    scope2: Decimal
    obligation_base: ObligationBase
    obligation_tonnes: int

    def as_dict(self) -> dict[str, object]:
        """The totals as a report states them."""
        return {
            "scope1": format_decimal(self.scope1),
            "scope2": format_decimal(self.scope2),
            "obligation_base": self.obligation_base.value,
            "obligation_tonnes": self.obligation_tonnes,
        }


def parse_base(text: str) -> ObligationBase:
    """The obligation base of that name. Raises SchemaRefused (`obligation_base.unknown`)."""
    try:
        return ObligationBase(text)
    except ValueError:
        expected = " or ".join(base.value for base in ObligationBase)
        raise schema_refusal("obligation_base.unknown", "obligation base", text, expected, "未知的应清缴口径") from None


def sum_up(lines: Iterable[RecomputedLine], base: ObligationBase) -> Totals:
    """The totals of rounded lines: add the lines, then round the enterprise's total half-up to whole tonnes."""
    rows = list(lines)
    scope1 = _scope(row.emissions for row in rows if row.kind is LineKind.COMBUSTION)
    scope2 = _scope(row.emissions for row in rows if row.kind is not LineKind.COMBUSTION)
    owed = scope1 if base is ObligationBase.DIRECT else exact_sum((scope1, scope2))
    return Totals(scope1, scope2, base, int(round_half_up(owed, 0)))


def _scope(emissions: Iterable[Decimal]) -> Decimal:
    # Exact already: every line has two places. This only writes an empty sum as 0.00.
    return round_half_up(exact_sum(emissions), EMISSIONS_PLACES)
