"""What an audit finds: one thing that does not add up, with what it was held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from attestation.errors import AttestationError
from ledger.errors import LedgerError
from ledger.fsck.faults import shown


class Area(StrEnum):
    """What a divergence is about."""

    FILE = "file"
    """The archive: a member that is missing, altered or not listed."""
    LOG = "log"
    """An entry: its bytes, its form, its place in the tree."""
    STREAM = "stream"
    """An issuer's sequence: a place taken twice, periods that overlap, seqs that are open."""
    IDENTITY = "identity"
    """Who signed: a key that was not active, not for this, or did not sign."""
    HEAD = "head"
    """A checkpoint: root, signature, cosignatures."""
    PROMISE = "promise"
    """A promise of the operator's, which somebody holds, that was not kept."""
    CHAIN = "chain"
    """The chain's own record: headers that do not follow each other, logs that are not in their block."""
    TOLD = "told"
    """An event that no entry asked for, or asked for otherwise; a wish that has no event."""
    UNIT = "unit"
    """Units and cash: what was made or lost on the way."""
    OBLIGATION = "obligation"
    """What was owed and met: caps, vintages, what is surrendered."""
    REPORT = "report"
    """A figure that does not follow from the readings it cites."""
    ALLOCATION = "allocation"
    """Shares that do not follow from their inputs."""
    SCORE = "score"
    """A score that does not follow from the ledger."""
    MARKET = "market"
    """A session whose fills, book or close do not follow from its entries."""
    ROW = "row"
    """A row of the database that neither entries nor chain give."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """One thing that does not add up.

    ``place``: where, as text (``entry 17``, ``block 40 log 2``, ``chain_trades 0x…``). ``rule``: stable dotted code.
    ``evidence``: names and values that whoever follows it up needs (hashes, indexes), all text.
    """

    area: Area
    place: str
    rule: str
    found: str
    expected: str
    evidence: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members."""
        return {
            "area": self.area.value,
            "place": self.place,
            "rule": self.rule,
            "found": self.found,
            "expected": self.expected,
            "evidence": dict(self.evidence),
        }

    def __str__(self) -> str:
        return f"{self.area.value}: {self.place}: {self.rule}: found {self.found}, expected {self.expected}"


class Divergences:
    """Hands each divergence to ``found`` in the order of discovery, and counts them by area."""

    def __init__(self, found: Callable[[Divergence], None]) -> None:
        self._found = found
        self.counts: dict[Area, int] = {}

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.counts.values())

    def add(self, area: Area, place: object, rule: str, found: object, expected: object, **evidence: object) -> None:
        """Name one: values are shown as text, bytes in hexadecimal."""
        told = {name: shown(value) for name, value in evidence.items()}
        self.take(Divergence(area, str(place), rule, shown(found), shown(expected), told))

    def refused(self, area: Area, place: object, error: AttestationError | LedgerError, **evidence: object) -> None:
        """Name what a rule refused."""
        self.add(area, place, error.rule, error.value, error.expected, **evidence)

    def take(self, divergence: Divergence) -> None:
        """Name one that was made elsewhere."""
        self.counts[divergence.area] = self.counts.get(divergence.area, 0) + 1
        self._found(divergence)
