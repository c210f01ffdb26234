"""``reading``, ``close`` and ``loss``: what is measured, when a period is over, and what will never come."""

from __future__ import annotations

from msgspec import field

from attestation.bodies.texts import (
    Count,
    DecimalText,
    IdentifierText,
    InstantText,
    Part,
    ReasonText,
    SeqNumber,
    StreamText,
    UnitText,
)

LOSS_LIMIT = 1_000_000
"""How many seqs one ``loss`` declares at most."""


class Reading(Part, frozen=True, kw_only=True):
    """Body of ``reading``: what a meter measured in ``[from, to)``. ``meter``: in a reading that an enterprise or a
    person signs, the device whose values these are."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")
    quantity: DecimalText
    unit: UnitText
    meter: IdentifierText | None = None


class Close(Part, frozen=True, kw_only=True):
    """Body of ``close``: the stream's period is over. ``last_seq`` is the seq before this statement's,
    ``count`` how many readings the meter signed since the previous close."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")
    last_seq: Count
    count: Count


class Loss(Part, frozen=True, kw_only=True):
    """Body of ``loss``: the readings ``first_seq`` to ``last_seq`` (both included) of the device's stream will not
    come."""

    device: IdentifierText
    stream: StreamText
    first_seq: SeqNumber
    last_seq: SeqNumber
    reason: ReasonText
