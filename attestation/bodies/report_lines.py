"""The lines of a ``report``: one activity each, with the readings, weighings and analyses that it rests on."""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from attestation.bodies.texts import (
    DecimalText,
    EmissionsText,
    IdentifierText,
    InstantText,
    LineKindText,
    NameText,
    Part,
    SeqNumber,
    StreamText,
    UnitText,
    published,
)


class Citation(Part, frozen=True, kw_only=True):
    """Readings ``first_seq`` to ``last_seq`` of one stream, and their exact sum in their own unit. ``multiplier`` is
    that of the meter's term (absent: 1), ``accuracy_percent`` the rated accuracy of a meter whose calibration has run
    out (DOMAIN 39). ``part`` says which number of the line they measure, where the line has more than one: a flow's
    id, a batch, or ``own``."""

    issuer: IdentifierText
    stream: StreamText
    first_seq: SeqNumber
    last_seq: SeqNumber
    quantity: DecimalText
    unit: UnitText
    multiplier: DecimalText | None = None
    accuracy_percent: DecimalText | None = None
    part: NameText | None = None


class Weighing(Part, frozen=True, kw_only=True):
    """How much of a batch was weighed, in the line's or flow's unit (DOMAIN 41)."""

    batch: NameText
    quantity: DecimalText


class Analysis(Part, frozen=True, kw_only=True):
    """The laboratory's carbon of a batch as received, in tC per unit of the weighing: a fraction for solids (DOMAIN
    41)."""

    batch: NameText
    carbon: DecimalText


class Flow(Part, frozen=True, kw_only=True):
    """A material of a mass balance (DOMAIN 34). ``direction`` is ``in`` or ``out``. Its carbon is a ``factor`` of the
    factor set's family ``carbon``, or measured: ``weighings`` and ``laboratory`` of the same batches."""

    id: NameText
    direction: Annotated[str, published(enum=["in", "out"])]
    quantity: DecimalText
    unit: UnitText
    factor: NameText | None = None
    weighings: tuple[Weighing, ...] | None = None
    laboratory: tuple[Analysis, ...] | None = None


class CemsBlock(Part, frozen=True, kw_only=True):
    """Continuous measurement over ``[from, to)``: ``hours`` in operation, mean ``flow`` in Nm3/h, mean
    ``concentration`` of CO2 in g/Nm3, ``status`` ``measured`` or ``substituted`` (DOMAIN 34)."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")
    hours: DecimalText
    flow: DecimalText
    concentration: DecimalText
    status: Annotated[str, published(enum=["measured", "substituted"])]


class Certificate(Part, frozen=True, kw_only=True):
    """A green certificate by its serial; it counts once, in the market-based total only (DOMAIN 40)."""

    serial: NameText
    mwh: DecimalText


class ReportLine(Part, frozen=True, kw_only=True):
    """One activity. ``kind`` says by which formula; ``quantity`` is rounded once (DOMAIN 36) and absent for
    ``mass-balance`` alone, whose flows have theirs; ``emissions`` is tCO2 (CO2e for ``gas``) with two decimals."""

    id: NameText
    kind: LineKindText
    quantity: DecimalText | None = None
    unit: UnitText | None = None
    fuel: NameText | None = None
    factor: NameText | None = None
    weighings: tuple[Weighing, ...] | None = None
    laboratory: tuple[Analysis, ...] | None = None
    flows: tuple[Flow, ...] | None = None
    blocks: tuple[CemsBlock, ...] | None = None
    own: DecimalText | None = None
    certificates: tuple[Certificate, ...] | None = None
    emissions: EmissionsText
    evidence: tuple[Citation, ...]
