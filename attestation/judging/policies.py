"""``policy``: parameter sets that the registrar publishes."""

from __future__ import annotations

from attestation.accounting.factor_sets import FactorSet
from attestation.bodies import FIRST_YEAR, LAST_YEAR, Policy
from attestation.context import Context
from attestation.envelope import Statement
from attestation.instants import parse_date
from attestation.judging.assignments import check_assigned, read_assignment
from attestation.judging.common import Facts, check_choice, check_integer, check_name, check_place, check_time
from attestation.refusals import refuse

FACTOR_SET = "factor-set"
OBLIGATION_BASE = "obligation-base"
ASSIGNMENT = "assignment"
POLICIES = (FACTOR_SET, OBLIGATION_BASE, ASSIGNMENT)
BASES = ("direct", "direct+energy")


def judge_policy(statement: Statement, body: Policy, context: Context) -> Facts:
    """Steps 9 to 11 of a policy; there is nothing to recompute."""
    # 9: body schema, units, bounds
    check_choice(body.policy, POLICIES, "body.policy")
    check_name(body.id, "body.id")
    check_name(body.version, "body.version")
    parse_date(body.effective_from)
    assignment = None
    if body.policy == FACTOR_SET:
        _check_factor_set(body)
    elif body.policy == ASSIGNMENT:
        assignment = read_assignment(body.document)
    else:
        _check_obligation_base(body)

    # 10: time
    check_time(statement, context)

    # 11: sequence
    if context.policy(body.policy, body.id, body.version) is not None:
        raise refuse("policy.repeated", f"{body.policy} {body.id} {body.version}")
    if assignment is not None:
        check_assigned(assignment, context)
    return Facts(opens_gap=check_place(statement, context))


def _check_factor_set(body: Policy) -> None:
    factor_set = FactorSet.from_document(body.document)
    named, given = f"{factor_set.id} {factor_set.version}", f"{body.id} {body.version}"
    if named != given:
        raise refuse("policy.document", named, f"id and version {given}", at="body.document")


def _check_obligation_base(body: Policy) -> None:
    year, base = body.document.get("year"), body.document.get("base")
    if set(body.document) != {"year", "base"} or type(year) is not int or not isinstance(base, str):
        raise refuse("policy.document", body.document, "year (an integer) and base (a string)", at="body.document")
    check_integer(year, FIRST_YEAR, LAST_YEAR, "body.document.year")
    check_choice(base, BASES, "body.document.base")
