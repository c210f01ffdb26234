"""``objection``: the enterprise objects within the window, the registrar decides (DOMAIN 44)."""

from __future__ import annotations

from attestation.bodies import DecideObjection, Objection, RaiseObjection
from attestation.context import Context
from attestation.envelope import Statement
from attestation.instants import format_instant
from attestation.judging.cases import check_statement_id, check_words, objection_until
from attestation.judging.common import Facts, check_place, check_reason, check_time
from attestation.refusals import refuse


def judge_objection(statement: Statement, body: Objection, context: Context) -> Facts:
    """Steps 9 to 11 of an objection or of a decision on one; there is nothing to recompute."""
    match body:
        case RaiseObjection():
            _judge_objection(statement, body, context)
        case DecideObjection():
            _judge_decision(statement, body, context)
    return Facts(opens_gap=check_place(statement, context))


def _judge_objection(statement: Statement, body: RaiseObjection, context: Context) -> None:
    # 9: body schema
    verdict_id = check_statement_id(body.verification, "body.verification")
    check_words(body.grounds, "body.grounds")

    # 10: time
    check_time(statement, context)

    # 11: the verdict, whose it is, and that the window is open
    verdict = context.verdict(verdict_id)
    if verdict is None:
        raise refuse("verdict.unknown", body.verification)
    if statement.iss != verdict.enterprise:
        raise refuse("objection.party", statement.iss, verdict.enterprise)
    known = context.objection_to(verdict_id)
    if known is not None:
        raise refuse("objection.repeated", f"{body.verification}, entry {known.index}")
    # Services have clocks of their own: whatever this one's says, the window was over for a figure that is registered.
    for one in context.registrations_of(verdict.enterprise, verdict.year):
        if one.verdict == verdict_id:
            registered = f"{body.verification}, registered by entry {one.index}"
            raise refuse("objection.late", registered, "before the registration", expected_zh="登记之前")
    until = objection_until(verdict, context)
    if context.now >= until:
        ends = format_instant(until)
        raise refuse("objection.late", format_instant(context.now), f"before {ends}", expected_zh=f"{ends} 之前")


def _judge_decision(statement: Statement, body: DecideObjection, context: Context) -> None:
    # 9: body schema
    objection_id = check_statement_id(body.objection, "body.objection")
    check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: the objection. A decision that comes late is better than none: nothing could be registered without it.
    objection = context.objection(objection_id)
    if objection is None:
        raise refuse("objection.unknown", body.objection)
    if objection.upheld is not None:
        raise refuse("objection.decided", f"{body.objection}, {'upheld' if objection.upheld else 'not upheld'}")
