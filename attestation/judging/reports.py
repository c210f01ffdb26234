"""``report``: an enterprise's emissions of a period, recomputed from what the log holds."""

from __future__ import annotations

import re

from attestation.accounting.report import check_report
from attestation.accounting.shape import check_shape
from attestation.bodies import FIRST_YEAR, LAST_YEAR, STATEMENT_ID_PATTERN, Report
from attestation.context import Context
from attestation.envelope import Statement
from attestation.judging.citations import check_evidence
from attestation.judging.common import Facts, check_integer, check_name, check_place, check_time, parse_period
from attestation.judging.factor_sets import serving_factor_set
from attestation.refusals import refuse

_STATEMENT_ID = re.compile(STATEMENT_ID_PATTERN)


def judge_report(statement: Statement, body: Report, context: Context) -> Facts:
    """Steps 9 to 12 of a report."""
    # 9: body schema, units, bounds
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    period = parse_period(body.period.start, body.period.end)
    if body.supersedes is not None and _STATEMENT_ID.fullmatch(body.supersedes) is None:
        raise refuse("statement_id.format", body.supersedes, at="body.supersedes")
    check_shape(body)
    check_name(body.factor_set.id, "body.factor_set.id")
    check_name(body.factor_set.version, "body.factor_set.version")
    for line in body.lines:
        check_name(line.id, "a line's id")
        check_name(line.fuel or line.factor or "", f"the fuel or factor of line {line.id}")

    # 10: time
    check_time(statement, context, period)

    # 11: sequence
    _check_overlap(statement, body, period, context)
    gap = check_place(statement, context)

    # 12: recomputation
    factor_set = serving_factor_set(body.factor_set, period, context)
    check_evidence(statement, body, period, context)
    check_report(body, factor_set, context.obligation_base(body.year))
    return Facts(period, None, gap)


def _check_overlap(statement: Statement, body: Report, period: tuple[int, int], context: Context) -> None:
    overlapping = context.overlapping_reports(statement.iss, statement.stream, *period)
    standing = [ref for ref in overlapping if not context.superseded(ref.statement_id)]
    if body.supersedes is None:
        if standing:
            raise refuse(
                "report.overlap", f"from {period[0]} to {period[1]}", f"supersedes {standing[0].statement_id.hex()}"
            )
        return
    superseded = next((ref for ref in standing if ref.statement_id.hex() == body.supersedes), None)
    if superseded is None:
        named = ", ".join(ref.statement_id.hex() for ref in standing) or "none"
        raise refuse("supersedes.unknown", body.supersedes, f"a standing report of this period: {named}")
    if (superseded.start, superseded.end) != period:
        raise refuse(
            "supersedes.period", f"from {period[0]} to {period[1]}", f"from {superseded.start} to {superseded.end}"
        )
    if len(standing) > 1:
        other = next(ref for ref in standing if ref is not superseded)
        raise refuse("report.overlap", body.supersedes, f"no other standing report than {other.statement_id.hex()}")
