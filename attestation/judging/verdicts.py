"""``verification``: the assigned verifier's verdict on the standing report (DOMAIN 44, 45)."""

from __future__ import annotations

from msgspec.structs import replace

from attestation.accounting.adjusted import apply_adjustments
from attestation.accounting.report import check_report
from attestation.accounting.shape import check_shape
from attestation.bodies import Report, Totals, Verification
from attestation.bodies.verdicts import BASES, CONCLUSIONS, RESOLUTIONS
from attestation.context import Context
from attestation.envelope import Statement
from attestation.facts.cases import FindingRecord, ReportRecord
from attestation.instants import format_instant
from attestation.judging.adjustments import check_adjustments
from attestation.judging.cases import (
    REJECTED,
    check_statement_id,
    check_words,
    correction_until,
    find_assignment,
    find_standing,
    item_of,
    open_nonconformities,
    standing_verdict,
)
from attestation.judging.cems import cems_rules
from attestation.judging.certificates import check_certificates
from attestation.judging.citations import check_evidence
from attestation.judging.common import Facts, check_choice, check_name, check_place, check_reason, check_time
from attestation.judging.eligibility import check_eligible
from attestation.judging.factor_sets import serving_factor_set
from attestation.judging.report_names import check_report_names
from attestation.refusals import refuse


def judge_verification(statement: Statement, body: Verification, context: Context) -> Facts:
    """Steps 9 to 12 of a verdict."""
    # 9: body schema, units, bounds
    report_id = check_statement_id(body.report, "body.report")
    check_statement_id(body.initial_report, "body.initial_report")
    _check_form(body)

    # 10: time
    check_time(statement, context)

    # 11: the report, who speaks, that no verdict was given, and what must be answered
    report = find_standing(report_id, context)
    find_assignment(statement.iss, report.enterprise, report.year, context)
    check_eligible(statement.iss, report.enterprise, report.year, context)
    verdict = standing_verdict(report, context)
    if verdict is not None:
        raise refuse("verification.repeated", f"{body.report}, entry {verdict.index}")
    first = context.reports_of(report.enterprise, report.year)[0]
    if body.initial_report != first.statement_id.hex():
        raise refuse("verification.initial", body.initial_report, first.statement_id.hex())
    _check_resolutions(body, report, context)
    gap = check_place(statement, context)

    # 12: recomputation: what is verified is what the report with the adjustments gives
    if body.verified is not None:
        _check_verified(body, body.verified, report, context)
    return Facts(opens_gap=gap)


def verified_report(report: Report, body: Verification) -> Report:
    """The report with the verdict's adjustments applied, and the totals that the verdict verified."""
    adjusted = apply_adjustments(report, body.adjustments)
    return adjusted if body.verified is None else replace(adjusted, totals=body.verified)


def _check_form(body: Verification) -> None:
    check_words(body.boundary, "body.boundary")
    check_name(body.guideline, "body.guideline")
    check_words(body.uncovered, "body.uncovered")
    check_choice(body.conclusion, CONCLUSIONS, "body.conclusion")
    needs_totals, needs_adjustments = body.conclusion != REJECTED, body.conclusion == "corrected"
    if (body.verified is not None) != needs_totals or bool(body.adjustments) != needs_adjustments:
        totals = "no verified totals" if body.verified is None else "verified totals"
        raise refuse("verification.conclusion", f"{body.conclusion} with {totals}, {len(body.adjustments)} adjustments")
    lines: set[str] = set()
    for adjustment in body.adjustments:
        check_name(adjustment.line, "an adjustment's line")
        at = f"line {adjustment.line}"
        check_reason(adjustment.reason, at)
        check_choice(adjustment.basis, BASES, at)
        if adjustment.line in lines:
            raise refuse("verification.adjustments", f"{adjustment.line} twice")
        lines.add(adjustment.line)
        if adjustment.replacement is not None and adjustment.replacement.id != adjustment.line:
            raise refuse("verification.adjustments", adjustment.replacement.id, adjustment.line, at=at)
    named: set[tuple[str, str]] = set()
    for one in body.nonconformities:
        check_statement_id(one.finding, "a nonconformity's finding")
        check_choice(one.resolution, RESOLUTIONS, f"item {one.item}")
        if (one.finding, one.item) in named:
            raise refuse("verification.twice", f"{one.finding} {one.item}")
        named.add((one.finding, one.item))


def _check_resolutions(body: Verification, report: ReportRecord, context: Context) -> None:
    """Step 11: what is named is open, and each resolution is one; what is open is named, unless the report is
    rejected."""
    waiting = open_nonconformities(report.enterprise, report.year, context)
    named = {(bytes.fromhex(one.finding), one.item): one.resolution for one in body.nonconformities}
    for (finding, item), resolution in named.items():
        if (finding, item) not in waiting:
            raise refuse("verification.nonconformity", f"{finding.hex()} {item}", "an open non-conformity of the case")
        _check_resolution(body, resolution, item, waiting[finding, item], context)
    if body.conclusion == REJECTED:
        return
    for finding, item in waiting:
        if (finding, item) not in named:
            raise refuse("verification.unresolved", f"{finding.hex()} {item}")


def _check_resolution(body: Verification, resolution: str, item: str, finding: FindingRecord, context: Context) -> None:
    line = item_of(finding, item).line
    touching = [one for one in body.adjustments if line is None or one.line == line]
    resubmitted = finding.report.hex() != body.report
    at = f"item {item}"
    if resolution == "corrected" and not resubmitted and not touching:
        raise refuse("verification.resolution", "corrected", "a later revision, or an adjustment of that line", at=at)
    if resolution != "conservative":
        return
    if not any(one.basis == "conservative" for one in touching):
        raise refuse("verification.resolution", "conservative", "an adjustment of that line on that basis", at=at)
    until = correction_until(finding, context)
    if not resubmitted and context.now < until:
        wanted = f"from {format_instant(until)} on, or a resubmitted report"
        raise refuse("verification.early", format_instant(context.now), wanted, at=at)


def _check_verified(body: Verification, verified: Totals, report: ReportRecord, context: Context) -> None:
    """Raises RecomputationRefused (``verification.totals``, what refuses adjustments),
    and whatever refuses a report with these lines and totals: the figures that differ are named there."""
    check_adjustments(body.adjustments, report.body)
    if body.conclusion == "approved" and verified != report.body.totals:
        claimed, reported = verified.obligation_tonnes, report.body.totals.obligation_tonnes
        found = f"{claimed} t, scope1 {verified.scope1}"
        raise refuse("verification.totals", found, f"{reported} t, as reported", expected_zh=f"{reported} 吨，同报告")
    adjusted, period = verified_report(report.body, body), (report.start, report.end)
    factor_set = serving_factor_set(adjusted.factor_set, period, context)
    check_shape(adjusted)
    check_report_names(adjusted)
    if any(one.replacement is not None and one.replacement.evidence for one in body.adjustments):
        check_evidence(report.enterprise, adjusted, period, context)
    check_certificates(adjusted, report.enterprise, report.year, context)
    check_report(adjusted, factor_set, context.obligation_base(report.year), cems_rules(report.year, context))
