"""``reading`` and ``close``: what meters sign."""

from __future__ import annotations

from msgspec import field

from attestation.bodies.texts import Count, DecimalText, InstantText, Part, UnitText


class Reading(Part, frozen=True, kw_only=True):
    """Body of ``reading``: what a meter measured in ``[from, to)``."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")
    quantity: DecimalText
    unit: UnitText


class Close(Part, frozen=True, kw_only=True):
    """Body of ``close``: the stream's period is over. ``last_seq`` is the seq before this statement's,
    ``count`` how many readings the meter signed since the previous close."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")
    last_seq: Count
    count: Count
