"""What can be said against a report without knowing any factor (step 9 of `docs/design.md` §3)."""

from __future__ import annotations

from decimal import Decimal

from attestation.accounting.cems import check_blocks
from attestation.accounting.energy import check_own
from attestation.accounting.evidence import check_citations
from attestation.accounting.kinds import KINDS, LineKind
from attestation.accounting.lines import EMISSIONS_PLACES, check_quantity
from attestation.accounting.mass_balance import check_flows
from attestation.accounting.measured_carbon import check_batches
from attestation.accounting.outputs import check_outputs
from attestation.accounting.refusals import decimal_at, schema_refusal
from attestation.accounting.serials import check_serials
from attestation.accounting.totals import parse_base
from attestation.bodies.report_lines import ReportLine
from attestation.bodies.reports import Report
from attestation.bodies.reports import Totals as ClaimedTotals
from attestation.decimals import decimal_places
from attestation.instants import parse_instant

MAX_LINES = 500
"""Most lines of one report; an entry of 65,535 bytes holds fewer."""

_MEMBERS = ("quantity", "unit", "weighings", "laboratory", "flows", "blocks", "own", "certificates")


def check_shape(report: Report) -> None:
    """Refuse a report whose numbers, units and lines are not well formed.

    Raises SchemaRefused: `report.lines.empty`, `.many`, `.duplicate`; `line.kind`, `line.factor` (fuel and factor as
    the kind wants them), `line.members` (a member that the kind needs or cannot have), `line.removal.negative`; the
    rules of `check_quantity`, `check_batches`, `check_flows`, `check_blocks`, `check_own`, `check_serials`,
    `check_citations` and `check_outputs`; `emissions.places`, `obligation_base.unknown`, `totals.obligation_tonnes`,
    `decimal.grammar`.
    """
    if not report.lines:
        raise schema_refusal("report.lines.empty", "report", "no lines", "at least one line", "报告没有任何排放条目")
    if len(report.lines) > MAX_LINES:
        raise schema_refusal(
            "report.lines.many", "report", f"{len(report.lines)} lines", f"at most {MAX_LINES}", "报告条目过多"
        )
    seen: set[str] = set()
    for line in report.lines:
        if line.id in seen:
            raise schema_refusal("report.lines.duplicate", "report", line.id, "line ids that differ", "条目编号重复")
        seen.add(line.id)
        _check_line(line, report)
    check_serials((line.id, line.certificates or ()) for line in report.lines)
    check_citations(report)
    check_outputs(report)
    check_claimed(report.totals)


def check_claimed(totals: ClaimedTotals) -> None:
    """Refuse claimed totals that are not well formed; raises as `check_shape`."""
    stated = [("scope1", totals.scope1), ("scope2", totals.scope2)]
    stated += [
        (name, text)
        for name, text in (
            ("scope2_market", totals.scope2_market),
            ("biogenic", totals.biogenic),
            ("removals", totals.removals),
            ("energy_tce", totals.energy_tce),
        )
        if text is not None
    ]
    stated += [(f"by_gas {total.gas}", total.emissions) for total in totals.by_gas or ()]
    for name, text in stated:
        parse_emissions(text, f"totals.{name}")
    for intensity in totals.intensities or ():
        decimal_at(intensity.value, f"totals.intensities {intensity.per}")
    parse_base(totals.obligation_base)
    if totals.obligation_tonnes < 0:
        raise schema_refusal(
            "totals.obligation_tonnes",
            "totals.obligation_tonnes",
            totals.obligation_tonnes,
            "whole tonnes from 0 up",
            "应清缴量须为非负整数吨",
        )


def _check_line(line: ReportLine, report: Report) -> None:
    kind = parse_kind(line)
    _check_members(line, kind)
    factor_name(line)
    quantity = Decimal(0)
    if line.quantity is not None:
        _check_removal(line, kind)
        quantity = decimal_at(line.quantity, f"line {line.id}")
        check_quantity(line.id, kind, quantity, line.unit or "")
    if kind is LineKind.COMBUSTION_MEASURED:
        check_batches(f"line {line.id}", line.unit or "", line.weighings, line.laboratory)
    if line.flows is not None:
        check_flows(line.id, line.flows)
    if line.blocks is not None:
        period = parse_instant(report.period.start), parse_instant(report.period.end)
        check_blocks(line.id, line.blocks, period)
    if line.own is not None or line.certificates is not None:
        check_own(line.id, quantity, line.own, line.certificates or ())
    parse_emissions(line.emissions, f"line {line.id}")


def _check_members(line: ReportLine, kind: LineKind) -> None:
    rules = KINDS[kind]
    given = {name for name in _MEMBERS if getattr(line, name) is not None}
    missing = [name for name in rules.needs if name not in given]
    foreign = [name for name in _MEMBERS if name in given and name not in (*rules.needs, *rules.may)]
    if missing or foreign:
        shown = ", ".join([*(f"no {name}" for name in missing), *foreign])
        wanted = ", ".join([*rules.needs, *(f"{name}?" for name in rules.may)])
        raise schema_refusal(
            "line.members", f"line {line.id}", shown, f"for {kind.value}: {wanted}", "条目成员与其类型不符"
        )


def _check_removal(line: ReportLine, kind: LineKind) -> None:
    # The grammar has no sign; a negative removal is an emission in disguise and is named as what it is.
    if kind is LineKind.REMOVAL and (line.quantity or "").startswith("-"):
        raise schema_refusal(
            "line.removal.negative", f"line {line.id}", line.quantity, "tonnes removed, from 0 up", "清除量不得为负"
        )


def parse_kind(line: ReportLine) -> LineKind:
    """The line's kind. Raises SchemaRefused (`line.kind`)."""
    try:
        return LineKind(line.kind)
    except ValueError:
        expected = "one of " + ", ".join(kind.value for kind in LineKind)
        raise schema_refusal("line.kind", f"line {line.id}", line.kind, expected, "未知的条目类型") from None


def factor_name(line: ReportLine) -> str:
    """The name under which the factor set has this line's factor: a fuel's for combustion, else a factor's; the kind's
    own name where nothing of the set is needed.

    Raises SchemaRefused (`line.factor`) unless exactly the one that the kind wants is given.
    """
    kind = parse_kind(line)
    named = KINDS[kind].named
    given = {name: text for name, text in (("fuel", line.fuel), ("factor", line.factor)) if text is not None}
    if set(given) != {named} - {None} or not all(given.values()):
        raise schema_refusal(
            "line.factor",
            f"line {line.id}",
            f"fuel {line.fuel}, factor {line.factor}",
            {"fuel": "fuel and no factor", "factor": "factor and no fuel"}.get(named or "", "neither fuel nor factor"),
            "燃料与因子须与条目类型相符",
        )
    return given[named] if named else kind.value


def parse_emissions(text: str, where: str) -> Decimal:
    """Claimed tCO2, written with exactly 2 places. Raises SchemaRefused (`emissions.places`, `decimal.grammar`)."""
    value = decimal_at(text, where)
    if decimal_places(value) != EMISSIONS_PLACES:
        raise schema_refusal(
            "emissions.places", where, text, f"tCO2 with {EMISSIONS_PLACES} decimal places", "排放量须保留两位小数"
        )
    return value
