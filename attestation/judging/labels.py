"""``label``: a carbon efficiency code, recomputed from the log's own figure of the case (DOMAIN 48)."""

from __future__ import annotations

import re
from decimal import Decimal

from attestation.accounting.efficiency import EfficiencyCode, efficiency_code
from attestation.accounting.refusals import decimal_at
from attestation.bodies import FIRST_YEAR, LAST_YEAR, MAX_SEQ, STATEMENT_ID_PATTERN, Label, Report
from attestation.bodies.labels import ACTIVITY_UNITS, BASES, FIGURE_PATTERN, GRADES, LEVELS
from attestation.context import Context
from attestation.decimals import format_decimal, parse_decimal
from attestation.envelope import Statement
from attestation.identifiers import parse_identifier
from attestation.judging.case_figure import case_figure
from attestation.judging.common import (
    Facts,
    check_choice,
    check_integer,
    check_name,
    check_place,
    check_reason,
    check_time,
)
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.units import VALUE_ADDED_UNIT

_STATEMENT_ID = re.compile(STATEMENT_ID_PATTERN)
_FIGURE = re.compile(FIGURE_PATTERN)
_OBLIGATION_BASES = ("direct", "direct+energy")
_LABELLED = frozenset({Kind.ENTERPRISE, Kind.PARK})


def judge_label(statement: Statement, body: Label, context: Context) -> Facts:
    """Steps 9 to 12 of a label. A zero divisor is refused at step 9, by the rules of ``docs/accounting.md``."""
    # 9: body schema, bounds, nothing divided by zero
    _check_form(body)

    # 10: time
    check_time(statement, context)

    # 11: sequence
    holder = context.identifier(body.enterprise)
    if holder is None or holder.kind not in _LABELLED:
        found = "not enrolled" if holder is None else holder.kind.value
        raise refuse("label.enterprise", f"{body.enterprise} ({found})")
    gap = check_place(statement, context)
    _check_standing(body, context)

    # 12: recomputation
    _check_case(body, context)
    check_figures(body)
    return Facts(opens_gap=gap)


def recompute_label(body: Label) -> EfficiencyCode:
    """The code that a label's own inputs give (rule 48).

    Raises SchemaRefused: ``decimal.grammar`` and the rules of ``efficiency_code``.
    """
    return efficiency_code(
        Decimal(body.tonnes),
        activity=decimal_at(body.activity.quantity, "body.activity.quantity"),
        activity_unit=body.activity.unit,
        sector_intensity=decimal_at(body.sector.intensity, "body.sector.intensity"),
        value_added=decimal_at(body.value_added, "body.value_added"),
    )


def _check_form(body: Label) -> None:
    parse_identifier(body.enterprise, step=9)
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    check_choice(body.basis, BASES, "body.basis")
    for text, at in ((body.report, "body.report"), (body.supersedes, "body.supersedes")):
        if text is not None and _STATEMENT_ID.fullmatch(text) is None:
            raise refuse("statement_id.format", text, at=at)
    check_choice(body.obligation_base, _OBLIGATION_BASES, "body.obligation_base")
    check_integer(body.tonnes, 0, MAX_SEQ, "body.tonnes")
    check_name(body.activity.product, "body.activity.product")
    check_choice(body.activity.unit, ACTIVITY_UNITS, "body.activity.unit")
    check_name(body.sector.name, "body.sector.name")
    check_reason(body.sector.source, "body.sector.source")
    for figure, at in (
        (body.intensity, "body.intensity"),
        (body.k, "body.k"),
        (body.value_intensity, "body.value_intensity"),
    ):
        if _FIGURE.fullmatch(figure) is None:
            raise refuse("label.places", figure, at=at)
    check_integer(body.level, 1, LEVELS, "body.level")
    check_choice(body.grade, GRADES, "body.grade")
    if (body.supersedes is None) is not (body.reason is None):
        raise refuse("label.reason", body.reason or "no reason")
    if body.reason is not None:
        check_reason(body.reason, "body.reason")
    recompute_label(body)


def _check_standing(body: Label, context: Context) -> None:
    standing = context.standing_label(body.enterprise, body.year)
    wanted = None if standing is None else standing.statement_id.hex()
    if body.supersedes != wanted:
        raise refuse(
            "label.supersedes",
            body.supersedes or "a second label",
            "no supersedes: no label stands" if wanted is None else f"supersedes {wanted}, the label that stands",
        )


def _check_case(body: Label, context: Context) -> None:
    figure = case_figure(body.enterprise, body.year, context)
    if figure is None:
        raise refuse("label.case", f"{body.enterprise} {body.year}")
    if body.basis != figure.basis:
        raise refuse("label.basis", body.basis, figure.basis)
    report = None if figure.report is None else figure.report.statement_id.hex()
    if body.report != report:
        raise refuse("label.report", body.report or "no report", report or "no report: the figure is a determination")
    base = context.obligation_base(body.year)
    if body.obligation_base != base:
        raise refuse("label.base", body.obligation_base, base)
    if body.tonnes != figure.tonnes:
        raise refuse("label.tonnes", body.tonnes, figure.tonnes)
    if figure.report is not None:
        _check_stated(body, figure.report.body)


def _check_stated(body: Label, report: Report) -> None:
    """What the report states besides is the report's to say, to the last digit."""
    if report.value_added is not None and parse_decimal(report.value_added) != parse_decimal(body.value_added):
        raise refuse("label.stated", body.value_added, report.value_added, at="body.value_added")
    activity, quantity = body.activity, parse_decimal(body.activity.quantity)
    if activity.unit == VALUE_ADDED_UNIT:
        if quantity != parse_decimal(body.value_added):
            raise refuse("label.stated", activity.quantity, body.value_added, at="body.activity.quantity")
        return
    stated = {output.product: (parse_decimal(output.quantity), output.unit) for output in report.output or ()}
    if stated and stated.get(activity.product) != (quantity, activity.unit):
        wanted = ", ".join(f"{product} {format_decimal(q)} {unit}" for product, (q, unit) in stated.items())
        raise refuse(
            "label.stated", f"{activity.product} {activity.quantity} {activity.unit}", wanted, at="body.activity"
        )


def check_figures(body: Label) -> None:
    """Intensities, K, level and grade are what the label's own inputs give.

    Raises RecomputationRefused (``label.figures``), and what ``recompute_label`` raises.
    """
    code = recompute_label(body)
    for at, claimed, found in (
        ("body.intensity", body.intensity, format_decimal(code.intensity.value)),
        ("body.k", body.k, format_decimal(code.k)),
        ("body.level", body.level, code.level),
        ("body.value_intensity", body.value_intensity, format_decimal(code.value_intensity.value)),
        ("body.grade", body.grade, code.grade.value),
    ):
        if claimed != found:
            raise refuse("label.figures", claimed, found, at=at)
