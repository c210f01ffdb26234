"""An organisation's greenhouse gas inventory (DOMAIN 46; park guide's ten steps, ISO 14064-1:2018).

A source emits some mass of one of the seven gases in one scope. Under *control* everything that the organisation
controls counts whole; under *equity share* each source counts by the share that it owns (ISO 14064-1:2018, 5.1).
Uncertainties are combined by the root of the sum of squares (IPCC 2006, volume 1, chapter 3, equations 3.1 and 3.2):

    u_i = √(u_activity² + u_factor²)        u = √(Σ (E_i × u_i)²) / Σ E_i        in per cent
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from attestation.accounting.greenhouse_gases import Edition, Gas, gas_of, in_co2_equivalent
from attestation.accounting.lines import EMISSIONS_PLACES
from attestation.accounting.refusals import schema_refusal
from attestation.decimals import calculation_context, exact_sum, format_decimal, round_half_up

UNCERTAINTY_PLACES = 2

STEPS = (
    "feasibility",
    "boundary",
    "base_year",
    "source_identification",
    "quantification",
    "inventory",
    "data_quality",
    "report",
    "internal_verification",
    "external_verification",
)
"""The park guide's ten steps, in their order; management review belongs to the ninth."""


class Approach(StrEnum):
    """How the organisation's boundary is drawn."""

    CONTROL = "control"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class InventorySource:
    """`mass_t` tonnes of `gas` (by its own name) in `scope`; `share_percent` is what the organisation owns of it.

    The uncertainties are half the 95 % interval, in per cent of activity and factor.
    """

    id: str
    scope: int
    gas: str
    mass_t: Decimal
    share_percent: Decimal = Decimal(100)
    activity_uncertainty: Decimal = Decimal(0)
    factor_uncertainty: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """A source's tCO2e that counts, at 2 places, and its combined uncertainty in per cent, unrounded."""

    source: InventorySource
    emissions: Decimal
    uncertainty: Decimal


@dataclass(frozen=True, slots=True)
class Inventory:
    """Totals in tCO2e at 2 places by scope and by gas, `total` of all, and the total's uncertainty in per cent."""

    approach: Approach
    edition: Edition
    lines: tuple[InventoryLine, ...]
    by_scope: Mapping[int, Decimal]
    by_gas: Mapping[Gas, Decimal]
    total: Decimal
    uncertainty: Decimal

    def as_dict(self) -> dict[str, object]:
        """The inventory as JSON-ready members, every number a plain decimal string."""
        return {
            "approach": self.approach.value,
            "gwp": self.edition.value,
            "scopes": {f"scope{scope}": format_decimal(value) for scope, value in self.by_scope.items()},
            "gases": {gas.value: format_decimal(value) for gas, value in self.by_gas.items()},
            "total": format_decimal(self.total),
            "unit": "tCO2e",
            "uncertainty_percent": format_decimal(self.uncertainty),
        }


def inventory(sources: Sequence[InventorySource], *, approach: Approach, edition: Edition) -> Inventory:
    """Quantify the sources, with one edition of GWP throughout.

    Raises SchemaRefused: `inventory.empty`, `inventory.duplicate`, `inventory.scope`, `inventory.share` (outside 0 to
    100 %, or other than 100 % under control), `inventory.uncertainty`, and the rules of `in_co2_equivalent`.
    """
    if not sources:
        raise schema_refusal("inventory.empty", "inventory", "no sources", "at least one source", "清单没有任何排放源")
    seen: set[str] = set()
    for source in sources:
        if source.id in seen:
            raise schema_refusal("inventory.duplicate", "inventory", source.id, "ids that differ", "排放源编号重复")
        seen.add(source.id)
    lines = tuple(_line(source, approach, edition) for source in sources)
    total = _sum(line.emissions for line in lines)
    return Inventory(
        approach=approach,
        edition=edition,
        lines=lines,
        by_scope=MappingProxyType(
            {scope: _sum(line.emissions for line in lines if line.source.scope == scope) for scope in (1, 2, 3)}
        ),
        by_gas=MappingProxyType(
            {gas: _sum(line.emissions for line in lines if gas_of(line.source.gas) is gas) for gas in Gas}
        ),
        total=total,
        uncertainty=_combined([(line.emissions, line.uncertainty) for line in lines], total),
    )


def root_of_squares(values: Iterable[Decimal]) -> Decimal:
    """√(Σ v²) at 50 digits."""
    with decimal.localcontext(calculation_context()):
        return sum((value * value for value in values), start=Decimal(0)).sqrt()


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


CAUSES = ("structure", "method", "error")


def recalculated(base: BaseYear, changes: Sequence[BaseYearChange]) -> BaseYear:
    """The base year after these changes: restated where the absolute differences together reach the threshold, so that
    a purchase and a sale do not hide each other; otherwise as it was.

    Raises SchemaRefused: `inventory.cause`, `inventory.threshold` (not above 0 and up to 100 %), `inventory.base`
    (a base year below 0, before or after).
    """
    if not base.threshold_percent.is_finite() or not 0 < base.threshold_percent <= 100:
        raise schema_refusal(
            "inventory.threshold",
            f"base year {base.year}",
            base.threshold_percent,
            "above 0, at most 100 %",
            "阈值超限",
        )
    for change in changes:
        if change.cause not in CAUSES:
            raise schema_refusal(
                "inventory.cause", f"base year {base.year}", change.cause, " or ".join(CAUSES), "不构成基准年重算的原因"
            )
    moved = exact_sum(abs(change.difference) for change in changes)
    restated = exact_sum((base.total, *(change.difference for change in changes)))
    if base.total < 0 or restated < 0:
        raise schema_refusal(
            "inventory.base", f"base year {base.year}", restated, "tCO2e from 0 up", "基准年排放量不得为负"
        )
    if moved == 0 or moved * 100 < base.threshold_percent * base.total:
        return base
    return BaseYear(base.year, round_half_up(restated, EMISSIONS_PLACES), base.threshold_percent)


def check_steps(done: Mapping[str, str]) -> None:
    """Refuse an inventory that says of a step nothing, or too much. `done`: step → the document that shows it.

    Raises SchemaRefused (`inventory.step`), naming the first step that is missing, empty or none of the ten.
    """
    for step in (*STEPS, *done):
        if step not in STEPS or not done.get(step, "").strip():
            raise schema_refusal(
                "inventory.step", "inventory", step, "the ten steps, each with its document", "盘查步骤缺失或未附文件"
            )


def _line(source: InventorySource, approach: Approach, edition: Edition) -> InventoryLine:
    where = f"source {source.id}"
    if source.scope not in {1, 2, 3}:
        raise schema_refusal("inventory.scope", where, source.scope, "1, 2 or 3", "范围须为 1、2 或 3")
    share = source.share_percent
    whole = share == 100
    if not share.is_finite() or not 0 < share <= 100 or (approach is Approach.CONTROL and not whole):
        expected = (
            "100 %: what is controlled counts whole" if approach is Approach.CONTROL else "above 0, at most 100 %"
        )
        raise schema_refusal("inventory.share", where, share, expected, "股权比例与边界方法不符")
    uncertainties = (source.activity_uncertainty, source.factor_uncertainty)
    for value in uncertainties:
        if not value.is_finite() or value < 0:
            raise schema_refusal("inventory.uncertainty", where, value, "per cent from 0 up", "不确定度不得为负")
    with decimal.localcontext(calculation_context()):
        counted = in_co2_equivalent(source.gas, source.mass_t, edition) * share / 100
    return InventoryLine(source, round_half_up(counted, EMISSIONS_PLACES), root_of_squares(uncertainties))


def _combined(lines: Sequence[tuple[Decimal, Decimal]], total: Decimal) -> Decimal:
    # Nothing emitted: nothing uncertain, and nothing to divide by.
    if total == 0:
        return round_half_up(Decimal(0), UNCERTAINTY_PLACES)
    with decimal.localcontext(calculation_context()):
        combined = root_of_squares(emissions * uncertainty for emissions, uncertainty in lines) / total
    return round_half_up(combined, UNCERTAINTY_PLACES)


def _sum(values: Iterable[Decimal]) -> Decimal:
    return round_half_up(exact_sum(values), EMISSIONS_PLACES)
