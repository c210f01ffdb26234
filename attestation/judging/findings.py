"""``finding``: what the assigned verifier found in the standing report (DOMAIN 44)."""

from __future__ import annotations

from attestation.bodies import Finding
from attestation.bodies.findings import FINDING_KINDS, STAGES
from attestation.context import Context
from attestation.envelope import Statement
from attestation.judging.cases import (
    check_statement_id,
    check_words,
    find_assignment,
    find_standing,
    standing_verdict,
)
from attestation.judging.common import Facts, check_choice, check_name, check_place, check_time
from attestation.judging.eligibility import check_eligible
from attestation.refusals import refuse


def judge_finding(statement: Statement, body: Finding, context: Context) -> Facts:
    """Steps 9 to 11 of a finding; there is nothing to recompute."""
    # 9: body schema, units, bounds
    report_id = check_statement_id(body.report, "body.report")
    if not body.items:
        raise refuse("finding.items", "none")
    seen: set[str] = set()
    for item in body.items:
        check_name(item.id, "an item's id")
        at = f"item {item.id}"
        if item.id in seen:
            raise refuse("finding.items", f"{item.id} twice")
        seen.add(item.id)
        check_choice(item.stage, STAGES, at)
        check_choice(item.kind, FINDING_KINDS, at)
        check_name(item.rule, at)
        check_words(item.text, at)

    # 10: time
    check_time(statement, context)

    # 11: the report, who speaks, and that no verdict was given
    report = find_standing(report_id, context)
    find_assignment(statement.iss, report.enterprise, report.year, context)
    check_eligible(statement.iss, report.enterprise, report.year, context)
    verdict = standing_verdict(report, context)
    if verdict is not None:
        raise refuse("finding.judged", f"{body.report}, by entry {verdict.index}")
    lines = [line.id for line in report.body.lines]
    for item in body.items:
        if item.line is not None and item.line not in lines:
            raise refuse("finding.line", item.line, ", ".join(lines), at=f"item {item.id}")
    return Facts(opens_gap=check_place(statement, context))
