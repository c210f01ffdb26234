"""The base year of an inventory, and when it is recalculated (DOMAIN 46; ISO 14064-1:2018, 6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from attestation.accounting.lines import EMISSIONS_PLACES
from attestation.accounting.refusals import schema_refusal
from attestation.accounting.trace import Step, add, multiply, rounded, unrounded
from attestation.decimals import format_decimal, round_half_up

CAUSES = ("structure", "method", "error")

_UNIT = "tCO2e"
_PERCENT_PLACES = 2


@dataclass(frozen=True, slots=True)
class BaseYear:
    """The year that later ones are compared with: its `total` in tCO2e, and from which `threshold_percent` of it on
    changes make it be recalculated (ISO 14064-1:2018, 6.4)."""

    year: int
    total: Decimal
    threshold_percent: Decimal


@dataclass(frozen=True, slots=True)
class BaseYearChange:
    """What would have changed the base year's total by `difference` tCO2e (negative: less), and why: `structure`
    (bought, sold, outsourced), `method` (factors, GWP, formulas) or `error`. Growth is none of these."""

    cause: str
    difference: Decimal
    reason: str = ""

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members; the difference is a decimal string with its sign."""
        return {"cause": self.cause, "difference": format_decimal(self.difference), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Recalculation:
    """The base year `before` and `after` its changes, and how it was decided; `restated` where the threshold was
    reached."""

    before: BaseYear
    changes: tuple[BaseYearChange, ...]
    after: BaseYear
    restated: bool
    steps: tuple[Step, ...]


def recalculated(base: BaseYear, changes: Sequence[BaseYearChange]) -> BaseYear:
    """The base year after these changes; see `recalculation`, which it raises as."""
    return recalculation(base, changes).after


def recalculation(base: BaseYear, changes: Sequence[BaseYearChange]) -> Recalculation:
    """The base year restated where the absolute differences together reach the threshold, so that a purchase and a
    sale do not hide each other; otherwise as it was.

    Raises SchemaRefused: `inventory.cause`, `inventory.threshold` (not above 0 and up to 100 %), `inventory.base`
    (a base year below 0, before or after).
    """
    if not base.threshold_percent.is_finite() or not 0 < base.threshold_percent <= 100:
        raise schema_refusal(
            "inventory.threshold",
            "base_year.threshold_percent",
            base.threshold_percent,
            "above 0, at most 100 %",
            "阈值超限",
        )
    for at, change in enumerate(changes):
        if change.cause not in CAUSES:
            raise schema_refusal(
                "inventory.cause",
                f"base_year.changes[{at}].cause",
                change.cause,
                " or ".join(CAUSES),
                "不构成基准年重算的原因",
            )
    threshold = multiply("threshold", _UNIT, [base.total, base.threshold_percent], over=[Decimal(100)])
    moved = add("moved", _UNIT, [abs(change.difference) for change in changes])
    exact = add(
        unrounded("restated"),
        _UNIT,
        [base.total, *(change.difference for change in changes if change.difference >= 0)],
        [-change.difference for change in changes if change.difference < 0],
    )
    if base.total < 0 or exact.value < 0:
        raise schema_refusal(
            "inventory.base", "base_year.total", exact.value, "tCO2e from 0 up", "基准年排放量不得为负"
        )
    decided = (threshold, moved)
    if moved.value == 0 or moved.value < threshold.value:
        return Recalculation(base, tuple(changes), base, restated=False, steps=decided)
    final = rounded("restated", _UNIT, exact.value, EMISSIONS_PLACES)
    after = replace(base, total=final.value)
    return Recalculation(base, tuple(changes), after, restated=True, steps=(*decided, exact, final))


def comparison(total: Decimal, base: BaseYear) -> tuple[Step, ...]:
    """The steps from a year's `total` in tCO2e to its change against the base year, in tCO2e and per cent.

    Nothing is a percentage of nothing: without emissions in the base year the change in tonnes is the last step.
    """
    change = add("change", _UNIT, [total], [base.total])
    change = replace(change, value=round_half_up(change.value, EMISSIONS_PLACES))
    if base.total == 0:
        return (change,)
    symbol = "change in per cent"
    quotient = multiply(unrounded(symbol), "%", [change.value, Decimal(100)], over=[base.total])
    return (change, quotient, rounded(symbol, "%", quotient.value, _PERCENT_PLACES))
