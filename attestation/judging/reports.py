"""``report``: an enterprise's emissions of a period, recomputed from what the log holds."""

from __future__ import annotations

from attestation.accounting.report import check_report
from attestation.accounting.shape import check_shape
from attestation.bodies import FIRST_YEAR, LAST_YEAR, Report
from attestation.context import Context
from attestation.envelope import Statement
from attestation.judging.cems import cems_rules
from attestation.judging.citations import check_evidence
from attestation.judging.common import Facts, check_integer, check_place, check_time, parse_period
from attestation.judging.factor_sets import serving_factor_set
from attestation.judging.report_case import check_case_form, check_report_case, check_year
from attestation.judging.report_names import check_report_names


def judge_report(statement: Statement, body: Report, context: Context) -> Facts:
    """Steps 9 to 12 of a report."""
    # 9: body schema, units, bounds
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    period = parse_period(body.period.start, body.period.end)
    check_case_form(body)
    check_shape(body)
    check_report_names(body)

    # 10: time
    check_time(statement, context, period)
    check_year(body.year, period)

    # 11: sequence
    check_report_case(statement, body, period, context)
    gap = check_place(statement, context)

    # 12: recomputation
    factor_set = serving_factor_set(body.factor_set, period, context)
    check_evidence(statement.iss, body, period, context)
    check_report(body, factor_set, context.obligation_base(body.year), cems_rules(body.year, context))
    return Facts(period, None, gap)
