"""Whether CCER may be entered on a day: ``quota.offsets`` asked about a body (DOMAIN 4)."""

from __future__ import annotations

from attestation.bodies import EnterOffsets
from attestation.instants import day_of, parse_date
from quota.errors import QuotaError
from quota.offsets import CcerEntry, SerialRange, check_eligible


def offset_fault(body: EnterOffsets, now: int) -> tuple[str, str, str] | None:
    """What is wrong with the CCER on the day of ``now`` (unix seconds) by the rules of DOMAIN 4: value and expectation
    in English and Chinese; None where nothing is. The body's form is good."""
    try:
        entry = CcerEntry(
            cancellation=body.cancellation,
            project=body.project,
            methodology=body.methodology,
            project_start=parse_date(body.project_start),
            monitored_from=parse_date(body.monitoring.start),
            monitored_to=parse_date(body.monitoring.end),
            claimed_on=parse_date(body.claimed),
            registered_on=parse_date(body.registered),
            cancelled_on=parse_date(body.cancelled),
            serials=(SerialRange(body.series, body.first_serial, body.last_serial),),
            tonnes=body.tonnes,
            document_hash=body.document_hash,
            beneficiary=body.beneficiary,
        )
        check_eligible(entry, on=day_of(now))
    except QuotaError as refusal:
        return f"{refusal.rule}: {refusal.value}", refusal.expected, refusal.expected_zh
    return None
