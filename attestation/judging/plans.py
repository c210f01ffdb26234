"""``plan``: versions of an enterprise's monitoring plan (DOMAIN 42)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from attestation.bodies import STREAM_PATTERN, Plan, PlanParameter
from attestation.context import Context
from attestation.decimals import parse_decimal
from attestation.envelope import Statement
from attestation.identifiers import parse_identifier
from attestation.instants import parse_date
from attestation.judging.cases import check_words
from attestation.judging.common import Facts, check_name, check_place, check_time
from attestation.keys import Kind
from attestation.refusals import refuse

_STREAM = re.compile(STREAM_PATTERN)
_MOST_PERCENT = Decimal(100)


def judge_plan(statement: Statement, body: Plan, context: Context) -> Facts:
    """Steps 9 to 11 of a monitoring plan; there is nothing to recompute."""
    # 9: body schema, units, bounds
    check_name(body.version, "body.version")
    parse_date(body.effective_from)
    check_words(body.boundary, "body.boundary")
    check_words(body.quality, "body.quality")
    if not body.facilities or not body.parameters:
        raise refuse("plan.empty", "no facilities" if not body.facilities else "no parameters")
    for facility in body.facilities:
        check_name(facility.id, "a facility's id")
        check_name(facility.name, f"the name of facility {facility.id}")
    for parameter in body.parameters:
        _check_parameter(parameter)
    facilities = _once((facility.id for facility in body.facilities), "facility")
    _once((parameter.id for parameter in body.parameters), "parameter")
    for parameter in body.parameters:
        if parameter.facility not in facilities:
            allowed = ", ".join(sorted(facilities))
            raise refuse("plan.facility", parameter.facility, allowed, at=f"parameter {parameter.id}")

    # 10: time
    check_time(statement, context)

    # 11: what the log holds of the enterprise's plans and meters
    known = context.plan_of(statement.iss, body.version)
    if known is not None:
        raise refuse("plan.repeated", f"{body.version}, entry {known.index}")
    for parameter in body.parameters:
        _check_meter(parameter, statement.iss, context)
    return Facts(opens_gap=check_place(statement, context))


def _check_parameter(parameter: PlanParameter) -> None:
    check_name(parameter.id, "a parameter's id")
    at = f"parameter {parameter.id}"
    for name in (parameter.facility, parameter.source, parameter.unit, parameter.frequency, parameter.department):
        check_name(name, at)
    check_words(parameter.gap_rule, at)
    if parameter.meter is not None:
        parse_identifier(parameter.meter, step=9)
    if parameter.stream is not None and _STREAM.fullmatch(parameter.stream) is None:
        raise refuse("envelope.stream", parameter.stream, at=at, step=9)
    if parameter.accuracy_percent is not None:
        accuracy = parse_decimal(parameter.accuracy_percent)
        if not 0 < accuracy <= _MOST_PERCENT:
            raise refuse("plan.accuracy", parameter.accuracy_percent, at=at)


def _once(ids: Iterable[str], what: str) -> set[str]:
    found: set[str] = set()
    for one in ids:
        if one in found:
            raise refuse("plan.twice", one, at=what)
        found.add(one)
    return found


def _check_meter(parameter: PlanParameter, enterprise: str, context: Context) -> None:
    if parameter.meter is None:
        return
    device = context.identifier(parameter.meter)
    if device is None or device.kind is not Kind.DEVICE or device.parent != enterprise:
        raise refuse(
            "plan.meter", parameter.meter, f"a device whose parent is {enterprise}", at=f"parameter {parameter.id}"
        )
