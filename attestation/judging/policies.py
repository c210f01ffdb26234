"""``policy``: parameter sets that the registrar publishes."""

from __future__ import annotations

from attestation.accounting.factor_sets import FactorSet
from attestation.bodies import Policy
from attestation.context import Context
from attestation.envelope import Statement
from attestation.instants import day_of, parse_date
from attestation.judging.common import Facts, check_choice, check_name, check_place, check_reason, check_time
from attestation.policies import (
    CALENDAR,
    DAY,
    FACTOR_SET,
    FOR_THE_WHOLE_YEAR,
    OF_A_YEAR,
    read_calendar,
    year_of,
)
from attestation.refusals import refuse

POLICIES = (FACTOR_SET, *OF_A_YEAR)
REHEARSAL_CHAINS = frozenset({31337, 1337})
"""Chain ids of engines on one's own machine."""


def judge_policy(statement: Statement, body: Policy, context: Context) -> Facts:
    """Steps 9 to 11 of a policy; there is nothing to recompute."""
    # 9: body schema, units, bounds
    check_choice(body.policy, POLICIES, "body.policy")
    check_name(body.id, "body.id")
    check_name(body.version, "body.version")
    parse_date(body.effective_from)
    _check_corrects(body)
    if body.policy == FACTOR_SET:
        _check_factor_set(body)
    else:
        OF_A_YEAR[body.policy](body.document)

    # 10: time
    check_time(statement, context)

    # 11: sequence
    if context.policy(body.policy, body.id, body.version) is not None:
        raise refuse("policy.repeated", f"{body.policy} {body.id} {body.version}")
    _check_rehearsal(body, context)
    _check_corrected(body, context)
    _check_decided(body, context)
    _check_days_gone(body, context)
    return Facts(opens_gap=check_place(statement, context))


def _check_rehearsal(body: Policy, context: Context) -> None:
    """Where figures count, a day lasts a day: a window for objections is not over in seconds."""
    domain = context.registry_domain
    if body.policy != CALENDAR or domain is None or domain.chain_id in REHEARSAL_CHAINS:
        return
    day_seconds = read_calendar(body.document).day_seconds
    if day_seconds != DAY:
        raise refuse("calendar.rehearsal", f"day_seconds {day_seconds} on chain {domain.chain_id}")


def _check_factor_set(body: Policy) -> None:
    factor_set = FactorSet.from_document(body.document)
    named, given = f"{factor_set.id} {factor_set.version}", f"{body.id} {body.version}"
    if named != given:
        raise refuse("policy.document", named, f"id and version {given}", at="body.document")


def _check_corrects(body: Policy) -> None:
    if body.corrects is None:
        return
    if body.policy != FACTOR_SET:
        raise refuse("policy.corrects", f"{body.policy} {body.id}", "a factor set", at="body.corrects")
    check_name(body.corrects.version, "body.corrects.version")
    check_reason(body.corrects.reason, "body.corrects.reason")


def _check_corrected(body: Policy, context: Context) -> None:
    """A correction names a version that stands: published, and not corrected by another."""
    if body.corrects is None:
        return
    named = f"{body.id} {body.corrects.version}"
    terms = context.factor_set_terms(body.id, body.corrects.version)
    if terms is None:
        raise refuse("policy.corrected", named, at="body.corrects.version")
    if terms.corrected_by is not None:
        expected = f"{terms.corrected_by}, which corrects it already"
        raise refuse("policy.corrected", named, expected, at="body.corrects.version")


def _check_decided(body: Policy, context: Context) -> None:
    """What was decided by a parameter keeps it: a later version begins after the day of the latest such decision."""
    year = year_of(body.policy, body.document)
    if year is not None:
        decision, of = context.decided(year), f"year {year}"
    elif body.policy == FACTOR_SET:
        decision, of = context.decided_with(body.id), body.id
    else:
        return
    if decision is None:
        return
    named = f"{body.policy} {body.id} {body.version} from {body.effective_from}"
    taken = f"entry {decision.index}, the {decision.type} of {day_of(decision.at)}"
    if body.policy in FOR_THE_WHOLE_YEAR:
        raise refuse("policy.decided", named, f"no other version for {of} after {taken}", at="body.effective_from")
    if parse_date(body.effective_from) <= day_of(decision.at):
        raise refuse("policy.decided", named, f"a day after {taken}", at="body.effective_from")


def _check_days_gone(body: Policy, context: Context) -> None:
    """A window counts the working days since its beginning, also those before the calendar that counts them now. So
    where something was decided, or may be before the calendar begins, it has the days before as they were: no window
    that is over opens again, and none is over that was open."""
    if body.policy != CALENDAR:
        return
    calendar = read_calendar(body.document)
    first, before = parse_date(body.effective_from), context.calendar(calendar.year)
    if first <= day_of(context.now) and context.decided(calendar.year) is None:
        return
    named = f"{body.id} {body.version} from {body.effective_from}"
    changed = (calendar.holidays ^ before.holidays) | (calendar.workdays ^ before.workdays)
    gone = min((day for day in changed if day < first), default=None)
    if gone is not None:
        raise refuse("calendar.gone", f"{named}: {gone.isoformat()}", at="body.document")
    for name in ("offset", "day_seconds"):
        found, kept = getattr(calendar, name), getattr(before, name)
        if found != kept:
            raise refuse("calendar.gone", f"{named}: {name} of {found} s", f"{kept} s", at=f"body.document.{name}")
