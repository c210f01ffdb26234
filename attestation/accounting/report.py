"""Recompute a report and compare: every line, all totals and the obligation, to the last digit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from attestation.accounting.cems import CemsRules
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.formulas import recompute_line
from attestation.accounting.lines import RecomputedLine
from attestation.accounting.outputs import check_measured_outputs
from attestation.accounting.refusals import recomputation_refusal
from attestation.accounting.shape import check_shape
from attestation.accounting.total_steps import total_steps
from attestation.accounting.totals import Totals, parse_base, sum_up
from attestation.bodies.reports import Report
from attestation.bodies.reports import Totals as ClaimedTotals
from attestation.decimals import format_decimal, parse_decimal

DEFAULT_CEMS = CemsRules()


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A report as it comes out: its lines in the report's order, its totals, and the factor set's id and version."""

    factor_set: tuple[str, str]
    lines: tuple[RecomputedLine, ...]
    totals: Totals

    def as_dict(self) -> dict[str, object]:
        """The whole trace as JSON-ready members; `tanlu report explain` prints it."""
        set_id, version = self.factor_set
        trace: dict[str, object] = {
            "factor_set": {"id": set_id, "version": version},
            "lines": [line.as_dict() for line in self.lines],
            "totals": self.totals.as_dict(),
            "steps": [step.as_dict() for step in total_steps(self.lines, self.totals)],
        }
        if self.totals.intensities is not None:
            trace["intensities"] = [{"per": per} | found.as_dict() for per, found in self.totals.intensities]
        return trace


def recompute(
    report: Report, factor_set: FactorSet, obligation_base: str, cems: CemsRules = DEFAULT_CEMS
) -> Recomputed:
    """What the report's activities give with `factor_set`, on the obligation base that policy sets for its year, and by
    that year's rules for measured stacks.

    Claimed emissions and totals are not compared here. Raises SchemaRefused (see `check_shape`) and
    RecomputationRefused: `report.factor_set` (the report names another one), `output.evidence`, and what
    `recompute_line` raises.
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
    lines = tuple(recompute_line(line, factor_set, cems) for line in report.lines)
    check_measured_outputs(report)
    return Recomputed(given, lines, sum_up(lines, base, output=report.output or (), value_added=report.value_added))


def check_report(
    report: Report, factor_set: FactorSet, obligation_base: str, cems: CemsRules = DEFAULT_CEMS
) -> Recomputed:
    """`recompute`, then compare with what the report claims; returns the recomputed report with its trace.

    Raises what `recompute` raises, and RecomputationRefused with `line` set: `line.emissions` and those of
    `check_totals`. `value` is the claimed and `expected` the recomputed figure.
    """
    recomputed = recompute(report, factor_set, obligation_base, cems)
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
    check_totals(report.totals, recomputed.totals)
    return recomputed


def check_totals(claimed: ClaimedTotals, totals: Totals) -> None:
    """Refuse claimed totals that are not the recomputed ones; a total that stands apart is stated exactly where there
    is something of its kind.

    Raises RecomputationRefused: `totals.obligation_base`, `totals.scope1`, `totals.scope2`, `totals.scope2_market`,
    `totals.biogenic`, `totals.removals`, `totals.by_gas`, `totals.energy_tce`, `totals.intensities`,
    `totals.obligation_tonnes`.
    """
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
        ("totals.scope1", claimed.scope1, totals.scope1),
        ("totals.scope2", claimed.scope2, totals.scope2),
        ("totals.scope2_market", claimed.scope2_market, totals.scope2_market),
        ("totals.biogenic", claimed.biogenic, totals.biogenic),
        ("totals.removals", claimed.removals, totals.removals),
        ("totals.energy_tce", claimed.energy_tce, totals.energy_tce),
    ):
        _compare(rule, _shown(None if said is None else parse_decimal(said)), _shown(computed))
    _compare("totals.by_gas", _gases_said(claimed), _gases(totals))
    _compare("totals.intensities", _intensities_said(claimed), _intensities(totals))
    if claimed.obligation_tonnes != totals.obligation_tonnes:
        raise recomputation_refusal(
            "totals.obligation_tonnes",
            line="totals.obligation_tonnes",
            claimed=claimed.obligation_tonnes,
            recomputed=totals.obligation_tonnes,
            what="the obligation is not the base's emissions in whole tonnes, half-up",
            zh="应清缴量与重算结果不符",
        )


def _compare(rule: str, said: str, computed: str) -> None:
    if said != computed:
        raise recomputation_refusal(
            rule,
            line=rule,
            claimed=said,
            recomputed=computed,
            what="the total is not the sum of the lines",
            zh="合计与各条目之和不符",
        )


def _shown(value: Decimal | None) -> str:
    return "none" if value is None else format_decimal(value)


def _listed(parts: list[str]) -> str:
    return "; ".join(parts) or "none"


def _gases_said(claimed: ClaimedTotals) -> str:
    return _listed([f"{total.gas} {total.emissions}" for total in claimed.by_gas or ()])


def _gases(totals: Totals) -> str:
    return _listed([f"{gas} {format_decimal(value)}" for gas, value in totals.by_gas or ()])


def _intensities_said(claimed: ClaimedTotals) -> str:
    return _listed([f"{one.per} {one.value} {one.unit}" for one in claimed.intensities or ()])


def _intensities(totals: Totals) -> str:
    return _listed([f"{per} {format_decimal(one.value)} {one.unit}" for per, one in totals.intensities or ()])
