"""The case rules of ``report``: one stands per enterprise and year, and it says what it follows (DOMAIN 8, 42, 44)."""

from __future__ import annotations

from datetime import date

from attestation.bodies import Report
from attestation.context import Context
from attestation.draws import LAPSE_SECONDS
from attestation.envelope import Statement
from attestation.identifiers import parse_identifier
from attestation.instants import format_instant, parse_date, start_of_day
from attestation.judging.cases import check_statement_id, current_assignment
from attestation.judging.certificates import check_certificates
from attestation.judging.common import check_reason
from attestation.judging.eligibility import compilers
from attestation.refusals import refuse

# The year begins first at UTC+14 and ends last at UTC-12; `start_of_day` is that of UTC+8.
_EAST, _WEST = 6 * 3600, 20 * 3600


def check_case_form(body: Report) -> None:
    """Step 9: the members that place a report in its case (``statement_id.format``, ``identifier.*``,
    ``body.reason``)."""
    if body.supersedes is not None:
        check_statement_id(body.supersedes, "body.supersedes")
    if body.plan is not None:
        check_statement_id(body.plan, "body.plan")
    if body.compiled_by is not None:
        parse_identifier(body.compiled_by, step=9)
    if body.reason is not None:
        check_reason(body.reason, "body.reason")


def check_year(year: int, period: tuple[int, int]) -> None:
    """Step 10: the period lies in its year, in whichever time zone: else an idle month of another year would be what a
    year owes (DOMAIN 2). Raises TimeRefused (``report.year``)."""
    first = start_of_day(date(year, 1, 1)) - _EAST
    last = start_of_day(date(year + 1, 1, 1)) + _WEST
    if period[0] < first or period[1] > last:
        said = f"{year}: {format_instant(period[0])} to {format_instant(period[1])}"
        bounds = format_instant(first), format_instant(last)
        within_zh = f"在 {bounds[0]} 至 {bounds[1]} 之内"
        raise refuse("report.year", said, f"within {bounds[0]} to {bounds[1]}", expected_zh=within_zh)


def check_report_case(statement: Statement, body: Report, period: tuple[int, int], context: Context) -> None:
    """Step 11.

    Raises SequenceRefused: ``report.case`` and ``report.overlap`` where another report stands, ``supersedes.*``,
    ``report.reason``, ``report.plan``, ``report.plan_required``, ``report.compiled``, ``certificate.used``.
    """
    _check_superseded(statement, body, period, context)
    _check_plan(statement.iss, body, period, context)
    _check_compiler(statement.iss, body, context)
    check_certificates(body, statement.iss, body.year, context)


def _check_superseded(statement: Statement, body: Report, period: tuple[int, int], context: Context) -> None:
    standing = context.standing_report(statement.iss, body.year)
    # Whichever stream they are in; other years' periods are too far away (``report.year``).
    neighbours = (context.standing_report(statement.iss, body.year + step) for step in (-1, 1))
    others = [other for other in neighbours if other and other.start < period[1] and period[0] < other.end]
    if body.supersedes is None:
        if standing is not None:
            named = standing.statement_id.hex()
            found, wanted_zh = f"{statement.iss} {body.year}", f"supersedes 为 {named}"
            raise refuse("report.case", found, f"supersedes {named}", expected_zh=wanted_zh)
    elif standing is None or standing.statement_id.hex() != body.supersedes:
        named = "none" if standing is None else standing.statement_id.hex()
        raise refuse(
            "supersedes.unknown",
            body.supersedes,
            f"the standing report of {body.year}: {named}",
            expected_zh=f"{body.year} 年度的有效报告：{'无' if standing is None else named}",
        )
    elif (standing.start, standing.end) != period:
        raise refuse(
            "supersedes.period", f"from {period[0]} to {period[1]}", f"from {standing.start} to {standing.end}"
        )
    if others:
        raise refuse(
            "report.overlap", f"from {period[0]} to {period[1]}", f"a period apart from {others[0].statement_id.hex()}"
        )
    if standing is not None and body.reason is None and _is_examined(statement.iss, body.year, context):
        raise refuse("report.reason", "no reason")


def _is_examined(enterprise: str, year: int, context: Context) -> bool:
    """Whether a verifier said something about the case."""
    return bool(context.findings_of(enterprise, year) or context.verdicts_of(enterprise, year))


def _check_compiler(enterprise: str, body: Report, context: Context) -> None:
    """An enterprise that names its own verifier, or a candidate of its draw, would be rid of it by its word alone."""
    if body.compiled_by is None:
        return
    current = current_assignment(enterprise, body.year, context)
    named = set() if current is None else {current.verifier}
    for draw in context.draws_of(enterprise, body.year):
        if draw.drawn_index is None and context.now < draw.contribute_until + LAPSE_SECONDS:
            named |= set(draw.candidates)
    if named & compilers(body.compiled_by, context):
        raise refuse("report.compiled", body.compiled_by, at=f"{enterprise} {body.year}")


def _check_plan(enterprise: str, body: Report, period: tuple[int, int], context: Context) -> None:
    if body.plan is None:
        if context.rules(body.year).plan_required:
            raise refuse("report.plan_required", "no plan")
        return
    plan = context.plan(bytes.fromhex(body.plan))
    if plan is None or plan.enterprise != enterprise:
        raise refuse("report.plan", body.plan)
    if start_of_day(parse_date(plan.effective_from)) >= period[1]:
        raise refuse(
            "report.plan_date", f"{plan.version}, from {plan.effective_from}", f"before {format_instant(period[1])}"
        )
