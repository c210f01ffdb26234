"""CCER that are entered: serials once, cancellations once, eligible (DOMAIN 4)."""

from __future__ import annotations

import re

from attestation.bodies import MAX_SEQ
from attestation.bodies.holdings import EnterOffsets
from attestation.context import Context
from attestation.instants import parse_date
from attestation.judging.common import check_integer, check_name
from attestation.judging.units import find_account
from attestation.keys import Kind
from attestation.refusals import refuse

_LETTERS = "A-Z0-9()\u4e00-\u9fff"
_ONE_SPELLING = re.compile(rf"[{_LETTERS}]+(?:[-./][{_LETTERS}]+)*")


def check_offsets_form(body: EnterOffsets) -> None:
    """Step 9: names, dates, and as many tonnes as serials (``body.*``, ``date.format``, ``offset.spelling``,
    ``offset.days``, ``offset.tonnes``)."""
    for name in ("project", "methodology", "series", "cancellation"):
        check_name(getattr(body, name), f"body.{name}")
    for name in ("series", "cancellation"):
        # Serials are taken once by the name of their series: another case, width or space is no other series.
        if _ONE_SPELLING.fullmatch(getattr(body, name)) is None:
            raise refuse("offset.spelling", getattr(body, name), at=f"body.{name}")
    texts = (
        *(body.project_start, body.monitoring.start, body.monitoring.end),
        *(body.claimed, body.registered, body.cancelled),
    )
    days = [parse_date(text) for text in texts]
    if days != sorted(days):
        raise refuse("offset.days", ", ".join(texts))
    check_integer(body.first_serial, 1, MAX_SEQ, "body.first_serial")
    check_integer(body.last_serial, body.first_serial, MAX_SEQ, "body.last_serial")
    serials = body.last_serial - body.first_serial + 1
    if body.tonnes != serials:
        wanted_zh = f"{serials}，一号一吨"
        raise refuse("offset.tonnes", body.tonnes, f"{serials}: one serial is one tonne", expected_zh=wanted_zh)


def check_offsets(body: EnterOffsets, context: Context) -> None:
    """Step 11: an enterprise's, and neither a serial nor the cancellation entered before (``account.*``,
    ``offset.serials``, ``offset.cancellation``)."""
    find_account(body.beneficiary, (Kind.ENTERPRISE,), "body.beneficiary", context)
    taken = context.serials_taken(body.series, body.first_serial, body.last_serial)
    if taken is not None:
        there = f"{taken.first} to {taken.last} of {body.series}, entry {taken.index}"
        there_zh = f"不含 {body.series} 的 {taken.first} 至 {taken.last}（第 {taken.index} 条）"
        found = f"{body.first_serial} to {body.last_serial}"
        raise refuse("offset.serials", found, f"none of {there}", expected_zh=there_zh)
    index = context.cancellation_taken(body.cancellation)
    if index is not None:
        raise refuse("offset.cancellation", f"{body.cancellation}, entry {index}")


def check_eligible_offsets(body: EnterOffsets, context: Context) -> None:
    """Step 12: eligible by the dated parameters of DOMAIN 4 (``offset.ineligible``)."""
    fault = context.offset_fault(body)
    if fault is not None:
        found, wanted, wanted_zh = fault
        raise refuse("offset.ineligible", found, wanted, expected_zh=wanted_zh)
