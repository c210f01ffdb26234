"""``assignment``: who verifies an enterprise's year, appointed or drawn, and until when (DOMAIN 8, 44)."""

from __future__ import annotations

from attestation.bodies import Appoint, Assignment, Contribute, DrawVerifier, EndAssignment, OpenDraw
from attestation.bodies.assignments import CANDIDATES
from attestation.context import Context
from attestation.draws import CONTRIBUTION_SECONDS, LAPSE_SECONDS, chosen, commitment_of
from attestation.envelope import Statement
from attestation.facts.cases import DrawRecord
from attestation.identifiers import parse_identifier
from attestation.instants import format_instant, parse_date, parse_instant, start_of_day
from attestation.judging.cases import (
    EMITTERS,
    check_case,
    check_digest,
    check_statement_id,
    current_assignment,
    find_enrolled,
)
from attestation.judging.common import Facts, check_place, check_reason, check_time
from attestation.judging.eligibility import assigned_until, check_eligible
from attestation.refusals import refuse


def judge_assignment(statement: Statement, body: Assignment, context: Context) -> Facts:
    """Steps 9 to 12 of an assignment; a draw alone has something to recompute."""
    match body:
        case Appoint():
            _judge_appointment(statement, body, context)
        case OpenDraw():
            _judge_opening(statement, body, context)
        case Contribute():
            _judge_contribution(statement, body, context)
        case DrawVerifier():
            _judge_draw(statement, body, context)
        case EndAssignment():
            _judge_end(statement, body, context)
    return Facts(opens_gap=check_place(statement, context))


def days_of(body: Appoint | OpenDraw) -> tuple[int, int]:
    """The first second of the first day and of the day after the last, China Standard Time (step 9).

    Raises SchemaRefused (``date.format``, ``assignment.period``).
    """
    first, after = start_of_day(parse_date(body.start)), start_of_day(parse_date(body.end))
    # The registry contract counts seconds from 1970 on.
    if not 0 <= first < after:
        raise refuse("assignment.period", f"from {body.start} to {body.end}", "1970 or later, from before to")
    return first, after


def _judge_appointment(statement: Statement, body: Appoint, context: Context) -> None:
    # 9: body schema, units, bounds
    check_case(body.enterprise, body.year)
    parse_identifier(body.verifier, step=9)
    start, until = days_of(body)

    # 10: time
    check_time(statement, context)
    _check_days(until, context)

    # 11: what the log holds of the case and of the verifier
    _check_vacant(body.enterprise, body.year, context)
    check_eligible(body.verifier, body.enterprise, body.year, context, "body.verifier")
    _check_accredited(body.verifier, start, until, context)


def _judge_opening(statement: Statement, body: OpenDraw, context: Context) -> None:
    # 9: body schema, units, bounds
    check_case(body.enterprise, body.year)
    if len(body.candidates) < CANDIDATES or list(body.candidates) != sorted(set(body.candidates), key=str.encode):
        raise refuse("draw.candidates", ", ".join(body.candidates))
    for candidate in body.candidates:
        parse_identifier(candidate, step=9)
    check_digest(body.commitment, "body.commitment")
    start, until = days_of(body)
    contribute_until = parse_instant(body.contribute_until)

    # 10: time
    check_time(statement, context)
    _check_days(until, context)
    latest = min(context.now + CONTRIBUTION_SECONDS, until)
    if not context.now < contribute_until <= latest:
        allowed = f"after {format_instant(context.now)} and at most {format_instant(latest)}"
        raise refuse("draw.until", body.contribute_until, allowed)

    # 11: what the log holds of the case and of the candidates
    _check_vacant(body.enterprise, body.year, context)
    for place, candidate in enumerate(body.candidates):
        check_eligible(candidate, body.enterprise, body.year, context, f"body.candidates[{place}]")
        _check_accredited(candidate, start, until, context)


def _judge_contribution(statement: Statement, body: Contribute, context: Context) -> None:
    # 9: body schema
    draw_id = check_statement_id(body.draw, "body.draw")
    check_digest(body.value, "body.value")

    # 10: time
    check_time(statement, context)

    # 11: the draw, and that it waits for this
    draw = _find_draw(draw_id, context)
    if statement.iss != draw.enterprise:
        raise refuse("draw.enterprise", statement.iss, draw.enterprise)
    if draw.contribution is not None:
        raise refuse("draw.contributed", body.draw)
    if context.now >= draw.contribute_until:
        raise refuse("draw.late", format_instant(context.now), f"before {format_instant(draw.contribute_until)}")


def _judge_draw(statement: Statement, body: DrawVerifier, context: Context) -> None:
    # 9: body schema
    draw_id = check_statement_id(body.draw, "body.draw")
    secret = check_digest(body.secret, "body.secret")
    parse_identifier(body.verifier, step=9)

    # 10: time
    check_time(statement, context)

    # 11: the draw, and that the enterprise had its turn
    draw = _find_draw(draw_id, context)
    if draw.contribution is None and context.now < draw.contribute_until:
        wanted = f"a contribution, or {format_instant(draw.contribute_until)}"
        raise refuse("draw.early", format_instant(context.now), wanted)
    _check_unassigned(draw.enterprise, draw.year, context)
    check_eligible(body.verifier, draw.enterprise, draw.year, context, "body.verifier")
    _check_accredited(body.verifier, draw.start, draw.until, context)

    # 12: recomputation: the secret, and whom it chooses
    if commitment_of(secret) != draw.commitment:
        raise refuse("draw.secret", body.secret, f"32 bytes with the SHA-256 {draw.commitment.hex()}")
    verifier = chosen(draw, secret)
    if body.verifier != verifier:
        raise refuse("draw.verifier", body.verifier, verifier)


def _judge_end(statement: Statement, body: EndAssignment, context: Context) -> None:
    # 9: body schema
    assignment_id = check_statement_id(body.assignment, "body.assignment")
    check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: the assignment
    assignment = context.assignment(assignment_id)
    if assignment is None:
        raise refuse("assignment.absent", body.assignment)
    if assignment.ended_index is not None:
        raise refuse("assignment.ended", f"{body.assignment}, by entry {assignment.ended_index}")


def _check_days(until: int, context: Context) -> None:
    """Step 10: the last day is not over."""
    if until <= context.now:
        raise refuse("assignment.past", format_instant(until), f"after {format_instant(context.now)}")


def _check_accredited(verifier: str, start: int, until: int, context: Context) -> None:
    """Step 11: the accreditation covers the assignment's first day."""
    ends = assigned_until(verifier, until, context)
    if ends <= start:
        raise refuse("eligibility.accreditation", f"{verifier}, accredited until {format_instant(ends)}")


def _check_unassigned(enterprise: str, year: int, context: Context) -> None:
    """Step 11: nobody is assigned to the case (``assignment.standing``)."""
    current = current_assignment(enterprise, year, context)
    if current is not None:
        raise refuse("assignment.standing", f"{enterprise} {year}", f"entry {current.index} ended before")


def _check_vacant(enterprise: str, year: int, context: Context) -> None:
    """Step 11: nobody is assigned to the case, and no draw for it waits (``draw.pending``)."""
    find_enrolled(enterprise, EMITTERS, "body.enterprise", context)
    _check_unassigned(enterprise, year, context)
    for draw in context.draws_of(enterprise, year):
        lapses = draw.contribute_until + LAPSE_SECONDS
        if draw.drawn_index is None and context.now < lapses:
            wanted = f"entry {draw.index} drawn, or {format_instant(lapses)}"
            raise refuse("draw.pending", f"{enterprise} {year}", wanted)


def _find_draw(draw_id: bytes, context: Context) -> DrawRecord:
    """Step 11: the draw, not drawn yet and not lapsed (``draw.unknown``, ``draw.done``, ``draw.lapsed``)."""
    draw = context.draw(draw_id)
    if draw is None:
        raise refuse("draw.unknown", draw_id.hex())
    if draw.drawn_index is not None:
        raise refuse("draw.done", f"{draw_id.hex()}, by entry {draw.drawn_index}")
    lapses = draw.contribute_until + LAPSE_SECONDS
    if context.now >= lapses:
        raise refuse("draw.lapsed", format_instant(context.now), f"before {format_instant(lapses)}")
    return draw
