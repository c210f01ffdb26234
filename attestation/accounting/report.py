"""Recompute a report and compare: every line, both scopes and the obligation, to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from attestation.accounting.body import LineBody, ReportBody, TotalsBody
from attestation.accounting.combustion import burn
from attestation.accounting.energy import purchased_electricity, purchased_heat
from attestation.accounting.evidence import activity_from_citations, stated_sums
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.lines import LineKind, RecomputedLine
from attestation.accounting.refusals import recomputation_refusal
from attestation.accounting.shape import check_shape, factor_name, parse_kind
from attestation.accounting.totals import Totals, parse_base, sum_up
from attestation.decimals import format_decimal, parse_decimal

_Factor = TypeVar("_Factor")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A report as it comes out: its lines in the report's order, its totals, and the factor set's id and version."""

    factor_set: tuple[str, str]
    lines: tuple[RecomputedLine, ...]
    totals: Totals

    def as_dict(self) -> dict[str, object]:
        """The whole trace as JSON-ready members; `tanlu report build --explain` prints it."""
        set_id, version = self.factor_set
        return {
            "factor_set": {"id": set_id, "version": version},
            "lines": [line.as_dict() for line in self.lines],
            "totals": self.totals.as_dict(),
        }


def recompute(report: ReportBody, factor_set: FactorSet, obligation_base: str) -> Recomputed:
    """What the report's activities give with `factor_set`, on the obligation base that policy sets for its year.

    Claimed emissions and totals are not compared here. Raises SchemaRefused (see `check_shape`) and
    RecomputationRefused: `report.factor_set` (the report names another one), `line.fuel.unknown`,
    `line.factor.unknown`, `line.unit`, `line.quantity.evidence` (the quantity is not what its evidence adds up to).
    """
    base = parse_base(obligation_base)
    check_shape(report)
    named = (report.factor_set.id, report.factor_set.version)
    given = (factor_set.id, factor_set.version)
    if named != given:
        raise recomputation_refusal(
            "report.factor_set",
            line="factor_set",
            claimed=" ".join(named),
            recomputed=" ".join(given),
            what="the report names another factor set",
            zh="报告引用的排放因子集不符",
        )
    lines = tuple(_recompute_line(line, factor_set) for line in report.lines)
    return Recomputed(given, lines, sum_up(lines, base))


def check_report(report: ReportBody, factor_set: FactorSet, obligation_base: str) -> Recomputed:
    """`recompute`, then compare with what the report claims; returns the recomputed report with its trace.

    Raises what `recompute` raises, and RecomputationRefused with `line` set: `line.emissions`, `totals.scope1`,
    `totals.scope2`, `totals.obligation_base`, `totals.obligation_tonnes`. `value` is the claimed and `expected` the
    recomputed figure.
    """
    recomputed = recompute(report, factor_set, obligation_base)
    for claimed, line in zip(report.lines, recomputed.lines, strict=True):
        if parse_decimal(claimed.emissions) != line.emissions:
            raise recomputation_refusal(
                "line.emissions",
                line=line.id,
                claimed=claimed.emissions,
                recomputed=format_decimal(line.emissions),
                what="the emissions are not what the quantity and its factors give",
                zh="排放量与重算结果不符",
            )
    _check_totals(report.totals, recomputed.totals)
    return recomputed


def _recompute_line(line: LineBody, factor_set: FactorSet) -> RecomputedLine:
    kind, name = parse_kind(line), factor_name(line)
    quantity = parse_decimal(line.quantity)
    if kind is LineKind.COMBUSTION:
        result = burn(line.id, quantity, line.unit, _named(line, "line.fuel.unknown", name, factor_set.fuels))
    elif kind is LineKind.ELECTRICITY:
        factor = _named(line, "line.factor.unknown", name, factor_set.electricity)
        result = purchased_electricity(line.id, quantity, line.unit, factor)
    else:
        result = purchased_heat(
            line.id, quantity, line.unit, _named(line, "line.factor.unknown", name, factor_set.heat)
        )
    _check_evidence(line, kind, quantity)
    return result


def _named(line: LineBody, rule: str, name: str, factors: Mapping[str, _Factor]) -> _Factor:
    factor = factors.get(name)
    if factor is None:
        raise recomputation_refusal(
            rule,
            line=line.id,
            claimed=name,
            recomputed="one of " + ", ".join(factors) if factors else "none of this kind",
            what=f"the factor set has no {line.kind} factors of that name",
            zh="排放因子集中没有该名称",
        )
    return factor


def _check_evidence(line: LineBody, kind: LineKind, quantity: Decimal) -> None:
    if not line.evidence:
        return
    from_evidence = activity_from_citations(line.evidence, line.unit, kind)
    if quantity != from_evidence:
        raise recomputation_refusal(
            "line.quantity.evidence",
            line=line.id,
            claimed=line.quantity,
            recomputed=format_decimal(from_evidence),
            what=f"the quantity is not what its evidence adds up to ({stated_sums(line.evidence)})",
            zh="活动数据与引用读数之和不符",
        )


def _check_totals(claimed: TotalsBody, totals: Totals) -> None:
    if claimed.obligation_base != totals.obligation_base.value:
        raise recomputation_refusal(
            "totals.obligation_base",
            line="totals.obligation_base",
            claimed=claimed.obligation_base,
            recomputed=totals.obligation_base.value,
            what="the year's policy sets another obligation base",
            zh="应清缴口径与当年政策不符",
        )
    for rule, said, computed in (
        ("totals.scope1", parse_decimal(claimed.scope1), totals.scope1),
        ("totals.scope2", parse_decimal(claimed.scope2), totals.scope2),
    ):
        if said != computed:
            raise recomputation_refusal(
                rule,
                line=rule,
                claimed=format_decimal(said),
                recomputed=format_decimal(computed),
                what="the total is not the sum of the lines",
                zh="合计与各条目之和不符",
            )
    if claimed.obligation_tonnes != totals.obligation_tonnes:
        raise recomputation_refusal(
            "totals.obligation_tonnes",
            line="totals.obligation_tonnes",
            claimed=claimed.obligation_tonnes,
            recomputed=totals.obligation_tonnes,
            what="the obligation is not the base's emissions in whole tonnes, half-up",
            zh="应清缴量与重算结果不符",
        )
