"""Bodies of entries that are already in the log: decoded, not judged again."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from attestation.context import CitedReadings
from attestation.decimals import parse_decimal
from attestation.statements import BODY_TYPES, Envelope, Reading
from ledger.db.entries import READING
from ledger.db.log_models import Entry

BodyT = TypeVar("BodyT")


_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {
    body: msgspec.json.Decoder(Envelope[body])  # type: ignore[valid-type]  # one decoder per body type
    for body in BODY_TYPES.values()
}


def body_of(entry: bytes, body_type: type[BodyT]) -> BodyT:
    """The body of a logged compact JWS as ``body_type``; ``msgspec.ValidationError`` for an entry of another type."""
    payload = entry.split(b".", 2)[1]
    envelope = _DECODERS[body_type].decode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    body: BodyT = envelope.body
    return body


def sum_readings(readings: Iterable[Entry]) -> CitedReadings | None:
    """The exact sum of logged readings, in the order of their seqs; ``None`` unless all are readings of one unit."""
    total, count, unit, start, end = Decimal(0), 0, None, 0, 0
    for entry in readings:
        if entry.type != READING:
            return None
        body = body_of(entry.entry, Reading)
        if unit is None:
            unit, start = body.unit, entry.period_start or 0
        elif body.unit != unit:
            return None
        total += parse_decimal(body.quantity)
        end = entry.period_end or 0
        count += 1
    return None if unit is None else CitedReadings(count, total, unit, start, end)
