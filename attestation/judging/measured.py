"""``reading`` and ``close``: what meters sign, and readings that an enterprise or a person signs by hand (DOMAIN 43).

Only identifiers of kind ``device`` hold keys with the purpose ``device``, and they hold no other; so the
streams of a device hold readings, closes and its own losses.
"""

from __future__ import annotations

from decimal import Decimal

from attestation.bodies import MAX_SEQ, Close, Reading
from attestation.context import Context, IdentifierRecord, StreamState
from attestation.decimals import parse_decimal
from attestation.envelope import Statement
from attestation.errors import SchemaRefused
from attestation.identifiers import parse_identifier
from attestation.judging.common import Facts, check_integer, check_place, check_time, parse_period
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.units import check_reading_limit


def judge_reading(statement: Statement, body: Reading, context: Context) -> Facts:
    """Steps 9 to 11 of a reading; there is nothing to recompute."""
    # 9: body schema, units, bounds
    holder = None
    if body.meter is not None:
        parse_identifier(body.meter, step=9)
        holder = context.identifier(statement.iss)
        if holder is None or holder.kind is Kind.DEVICE:
            raise refuse("reading.meter", body.meter, at="body.meter")
    period = parse_period(body.start, body.end)
    quantity = _quantity(body)

    # 10: time
    check_time(statement, context, period)

    # 11: sequence
    if body.meter is not None and holder is not None:
        _check_meter(body.meter, holder, context)
    gap = check_place(statement, context)
    state = context.stream(statement.iss, statement.stream)
    _check_closed(statement, period, state, context)
    _check_neighbours(statement, period, context)
    return Facts(period, quantity, gap)


def judge_close(statement: Statement, body: Close, context: Context) -> Facts:
    """Steps 9 to 11 of a close.

    A close may come before all readings below it: what is missing stays an open gap, and ``count`` bounds
    how much of it can still be filled.
    """
    # 9: body schema, units, bounds
    check_integer(body.last_seq, 0, MAX_SEQ, "body.last_seq")
    check_integer(body.count, 0, MAX_SEQ, "body.count")
    period = parse_period(body.start, body.end)

    # 10: time
    check_time(statement, context, period)

    # 11: sequence
    gap = check_place(statement, context)
    if body.last_seq != statement.seq - 1:
        raise refuse("close.last_seq", body.last_seq, statement.seq - 1)
    state = context.stream(statement.iss, statement.stream)
    if state.last_seq > statement.seq:
        raise refuse("close.not_last", statement.seq, f"a seq above {state.last_seq}")
    logged = context.readings_between(statement.iss, statement.stream, state.closed_seq, body.last_seq)
    if body.count < logged:
        raise refuse(
            "close.count_low", body.count, f"at least {logged}, the readings logged since seq {state.closed_seq}"
        )
    places = body.last_seq - state.closed_seq
    if body.count > places:
        raise refuse("close.count_high", body.count, f"at most {places}, the seqs since {state.closed_seq}")
    _check_close_period(statement, period, state, context)
    return Facts(period, None, gap)


def _quantity(body: Reading) -> Decimal:
    try:
        quantity = parse_decimal(body.quantity)
    except SchemaRefused:
        if body.quantity.startswith("-"):
            raise refuse("quantity.negative", body.quantity, at="body.quantity") from None
        raise
    check_reading_limit(quantity, body.unit)
    return quantity


def _check_meter(meter: str, holder: IdentifierRecord, context: Context) -> None:
    owner = holder.parent if holder.kind is Kind.PERSON else holder.identifier
    device = context.identifier(meter)
    if device is None or device.kind is not Kind.DEVICE or device.parent != owner:
        raise refuse("reading.device", meter, f"a device whose parent is {owner}", at="body.meter")


def _check_closed(statement: Statement, period: tuple[int, int], state: StreamState, context: Context) -> None:
    start, end = period
    if statement.seq > state.closed_seq:
        if start < state.closed_until:
            raise refuse("sequence.closed_until", start, f"from {state.closed_until} on")
        return
    span = context.closed_span(statement.iss, statement.stream, statement.seq)
    if span is None:
        return
    if start < span.start or end > span.end:
        raise refuse("sequence.closed_period", f"from {start} to {end}", f"within {span.start} to {span.end}")
    logged = context.readings_between(statement.iss, statement.stream, span.after_seq, span.last_seq)
    if logged >= span.count:
        raise refuse("sequence.closed_count", logged + 1, f"at most {span.count}")


def _check_neighbours(statement: Statement, period: tuple[int, int], context: Context) -> None:
    start, end = period
    below, above = context.neighbours(statement.iss, statement.stream, statement.seq)
    if below is not None and below.end > start:
        raise refuse("sequence.overlap_below", start, f"from {below.end} on, the end of seq {below.seq}")
    if above is not None and end > above.start:
        raise refuse("sequence.overlap_above", end, f"at most {above.start}, the start of seq {above.seq}")


def _check_close_period(statement: Statement, period: tuple[int, int], state: StreamState, context: Context) -> None:
    start, end = period
    if start < state.closed_until:
        raise refuse("close.period", start, f"from {state.closed_until} on, the end of the previous close")
    _, first = context.neighbours(statement.iss, statement.stream, state.closed_seq)
    if first is not None and first.start < start:
        raise refuse("close.period", start, f"at most {first.start}, the start of seq {first.seq}")
    last, _ = context.neighbours(statement.iss, statement.stream, statement.seq)
    if last is not None and last.end > end:
        raise refuse("close.period", end, f"at least {last.end}, the end of seq {last.seq}")
