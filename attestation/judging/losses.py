"""``loss``: readings that will not come, said by the meter itself or by whose meter it is (DOMAIN 43)."""

from __future__ import annotations

import re

from attestation.bodies import LOSS_LIMIT, MAX_SEQ, STREAM_PATTERN, Loss
from attestation.context import Context
from attestation.envelope import Statement
from attestation.identifiers import parse_identifier
from attestation.judging.common import Facts, check_integer, check_place, check_reason, check_time
from attestation.keys import Kind
from attestation.refusals import refuse

_STREAM = re.compile(STREAM_PATTERN)


def judge_loss(statement: Statement, body: Loss, context: Context) -> Facts:
    """Steps 9 to 11 of a loss: every seq of its range is open where the statement meets the log."""
    # 9: body schema, bounds
    parse_identifier(body.device, step=9)
    if _STREAM.fullmatch(body.stream) is None:
        raise refuse("envelope.stream", body.stream, at="body.stream", step=9)
    check_integer(body.first_seq, 1, MAX_SEQ, "body.first_seq")
    check_integer(body.last_seq, 1, MAX_SEQ, "body.last_seq")
    if body.first_seq > body.last_seq:
        raise refuse("loss.range", f"{body.first_seq} to {body.last_seq}")
    size = body.last_seq - body.first_seq + 1
    if size > LOSS_LIMIT:
        raise refuse("loss.size", size)
    check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: sequence
    gap = check_place(statement, context)
    _check_device(statement, body, context)
    _check_open(statement, body, context)
    return Facts(opens_gap=gap)


def _check_device(statement: Statement, body: Loss, context: Context) -> None:
    device = context.identifier(body.device)
    if device is None or device.kind is not Kind.DEVICE or statement.iss not in {device.identifier, device.parent}:
        raise refuse("loss.device", body.device, f"a device that is {statement.iss}, or whose parent it is")


def _check_open(statement: Statement, body: Loss, context: Context) -> None:
    found = context.open_range(body.device, body.stream, body.first_seq)
    first_bad = body.first_seq if found is None else found[1] + 1
    # The statement takes a place of its own, which may lie in the very range that it gives up.
    if (statement.iss, statement.stream) == (body.device, body.stream) and body.first_seq <= statement.seq < first_bad:
        first_bad = statement.seq
    if first_bad > body.last_seq:
        return
    loss = context.loss_of(body.device, body.stream, first_bad)
    if loss is not None:
        raise refuse("loss.overlap", first_bad, f"seqs that entry {loss.index} does not declare lost already")
    head = context.stream(body.device, body.stream).last_seq
    raise refuse("loss.not_open", first_bad, f"seqs below {head}, the highest of the stream, that are not logged")
