"""What verification asks of the park's own arithmetic: allocations and scores, recomputed (DOMAIN 26 to 31, 49).

Tonnes are whole; identifiers stand in the order of their bytes; statement ids and operations have 32 bytes, instants
are unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from attestation.bodies.scores import ScoreAsOf

ScoreState = Literal["proposed", "published", "withdrawn", "replaced", "refused"]
"""What became of a proposed score; ``refused``: the contract finally took neither it nor its publication."""


class ArithmeticFault(Struct, frozen=True):
    """Why a document has no result: the rule of docs/quota.md, what was found ``at`` which member, what is expected, in
    English and Chinese."""

    rule: str
    value: str
    expected: str
    at: str
    expected_zh: str


class CitedEmissions(Struct, frozen=True):
    """Emissions of an enterprise's year that a document computes from, tCO2e. ``output``: quantity and unit beside
    them, where the method needs it."""

    identifier: str
    year: int
    tonnes: Decimal
    output: tuple[Decimal, str] | None = None


class AllocationFigure(Struct, frozen=True):
    """What a document of rules and inputs gives: ``shares`` (identifier, tonnes), and ``settles`` of older debts.

    ``owed``: what the document says is owed of earlier years. ``free``: the sum of the shares. ``base_years``:
    emissions of years before; ``emissions``: of the compliance year, or in a pre-allocation of the year before it.
    """

    year: int
    cap: int
    free: int
    input_root: str
    shares: tuple[tuple[str, int], ...]
    settles: Mapping[str, int]
    owed: Mapping[str, int]
    base_years: tuple[CitedEmissions, ...] = ()
    emissions: tuple[CitedEmissions, ...] = ()


class AllocationRecord(Struct, frozen=True):
    """A logged allocation, unless the contract finally refused it. ``shares``: what each was granted."""

    index: int
    op_id: bytes
    year: int
    round: str
    shares: Mapping[str, int]


class BaseYearRecord(Struct, frozen=True):
    """A base year that an opening carried in (DOMAIN 24)."""

    tonnes: int
    output: tuple[Decimal, str] | None = None


class ScoreFigure(Struct, frozen=True):
    """A score as the ledger's own facts give it. ``inputs``: the document, what is not known left out."""

    formula: str
    inputs: Mapping[str, Any]
    input_root: str
    points_bps: int | None
    grade: str


class ScoreRecord(Struct, frozen=True):
    """A proposed score and what became of it. ``replaced``: a later proposal took its place."""

    statement_id: bytes
    index: int
    enterprise: str
    year: int
    comments_until: int
    state: ScoreState


class QuotaFacts(Protocol):
    """Part of ``attestation.context.Context``."""

    def recompute_allocation(self, round_: str, document: Mapping[str, Any], /) -> AllocationFigure | ArithmeticFault:
        """What the document of a round (``pre``, ``final``) gives, or why it gives nothing."""

    def allocation(self, year: int, round_: str, /) -> AllocationRecord | None:
        """The year's allocation of that round, or None."""

    def issued(self, vintage: int, /) -> int:
        """Tonnes of the vintage that entries issued, without those that the contract finally refused."""

    def opening_years(self, enterprise: str, /) -> Mapping[int, BaseYearRecord]:
        """The base years of the enterprise's opening; none without one."""

    def recompute_score(self, enterprise: str, year: int, as_of: ScoreAsOf | None, /) -> ScoreFigure | None:
        """The enterprise's score as of an earlier moment, or with None as of now. None for a moment that the ledger has
        not reached: more entries, or blocks that were not read."""

    def score(self, statement_id: bytes, /) -> ScoreRecord | None:
        """The proposed score of that statement id, or None."""

    def standing_score(self, enterprise: str, year: int, /) -> ScoreRecord | None:
        """What a withdrawal would withdraw: the proposal that stands, else the published score, else None."""
