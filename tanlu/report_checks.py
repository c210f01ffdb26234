"""A report before its signature takes a place in a stream: what is known by then is judged, by the rules of acceptance.

1. its form, by itself: shape, names, units, year and period (steps 9 and 10)
2. its figures: every line and total recomputed (12), with the factor set that the park published where a service is
   asked, else with the bundled one of that name, if there is one and no line's result depends on the year's rules
3. its place in the case (11), where a service is asked: the standing report, the years beside it, who compiled it

What it cites, the monitoring plan and the serials of certificates the log alone judges.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import cast

from attestation.accounting import check_report, load_bundled
from attestation.accounting.kinds import LineKind
from attestation.accounting.shape import check_shape
from attestation.bodies import FIRST_YEAR, LAST_YEAR, Report
from attestation.context import Context
from attestation.envelope import Statement
from attestation.errors import SchemaRefused
from attestation.judging.cems import cems_rules
from attestation.judging.common import check_integer, check_time, parse_period
from attestation.judging.factor_sets import serving_factor_set
from attestation.judging.report_case import check_case_form, check_report_case, check_year
from attestation.judging.report_names import check_report_names
from attestation.refusals import refuse
from ledger.trust import Trust
from tanlu.client import Client
from tanlu.client.report_context import ReportContext
from tanlu.client.service_context import SKEW_SECONDS, Untold


def check_alone(body: Report) -> None:
    """Steps 1 and 2 without a service. Raises AttestationError naming rule and value."""
    period = _check_form(body)
    latest = int(time.time()) + SKEW_SECONDS
    if period[1] > latest:
        raise refuse("time.period_future", period[1], f"at most {latest} (this machine's clock and {SKEW_SECONDS} s)")
    if any(line.kind == LineKind.CEMS.value for line in body.lines):
        return
    try:
        factor_set = load_bundled(body.factor_set.id, body.factor_set.version)
    except SchemaRefused:
        return
    check_report(body, factor_set, body.totals.obligation_base)


def check_with_service(client: Client, trust: Trust, statement: Statement, body: Report) -> None:
    """Steps 1 to 3 as the log would judge `statement`, whose body is `body`. Raises AttestationError naming rule and
    value, and what Client raises."""
    period = _check_form(body)
    told = ReportContext(client, trust, statement.iss, body.year)
    context = cast(Context, told)  # the rest raises Untold
    check_time(statement, context, period)
    with suppress(Untold):
        check_report_case(statement, body, period, context)
    factor_set = serving_factor_set(body.factor_set, period, context)
    check_report(body, factor_set, context.obligation_base(body.year), cems_rules(body.year, context))


def _check_form(body: Report) -> tuple[int, int]:
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    period = parse_period(body.period.start, body.period.end)
    check_case_form(body)
    check_shape(body)
    check_report_names(body)
    if period[0] >= period[1]:
        raise refuse("time.period_order", f"from {period[0]} to {period[1]}")
    check_year(body.year, period)
    return period
