"""What a report is built from: activities as somebody knows them, before conversion and rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from attestation.accounting.kinds import LineKind
from attestation.bodies.report_lines import Analysis, CemsBlock, Certificate, Citation


@dataclass(frozen=True, slots=True)
class CitedRange:
    """Readings `first_seq` to `last_seq` of one stream whose exact sum is `quantity` (decimal string) in `unit`.

    `multiplier` and `accuracy_percent` (decimal strings) as of the meter's term, `part` what of the line they measure.
    """

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    quantity: str
    unit: str
    multiplier: str | None = None
    accuracy_percent: str | None = None
    part: str | None = None

    def citation(self) -> Citation:
        """The same as a report's body states it."""
        return Citation(
            issuer=self.issuer,
            stream=self.stream,
            first_seq=self.first_seq,
            last_seq=self.last_seq,
            quantity=self.quantity,
            unit=self.unit,
            multiplier=self.multiplier,
            accuracy_percent=self.accuracy_percent,
            part=self.part,
        )


@dataclass(frozen=True, slots=True)
class Weighed:
    """A batch that was weighed, in the unit of its line or flow; no `quantity` where evidence of the batch gives it."""

    batch: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """A flow of a mass balance: `direction` is `in` or `out`. `quantity` with `unit` is in any unit of the dimension of
    its factor; left out where evidence or weighings give it (then `unit` is theirs)."""

    id: str
    direction: str
    factor: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    weighings: tuple[Weighed, ...] = ()
    laboratory: tuple[Analysis, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """One line to be: what was burnt, bought, used or measured.

    `name` is the fuel's or factor's name in the factor set, empty for kinds that name nothing of it. `quantity` with
    `unit` is in any unit of the right dimension; both are left out where `evidence`, `weighings` or `blocks` give the
    quantity. `own` is in MWh; the other members are those of a report's line.
    """

    id: str
    kind: LineKind
    name: str = ""
    quantity: Decimal | None = None
    unit: str | None = None
    evidence: tuple[CitedRange, ...] = ()
    weighings: tuple[Weighed, ...] = ()
    laboratory: tuple[Analysis, ...] = ()
    flows: tuple[Material, ...] = ()
    blocks: tuple[CemsBlock, ...] = ()
    own: Decimal | None = None
    certificates: tuple[Certificate, ...] = ()

    def __post_init__(self) -> None:
        # A kind by its name is the kind; an unknown name raises here, not as a missing fuel later.
        object.__setattr__(self, "kind", LineKind(self.kind))


@dataclass(frozen=True, slots=True)
class Produced:
    """An output of the period; `quantity` left out where `evidence` gives it, in `unit`."""

    product: str
    unit: str
    quantity: Decimal | None = None
    evidence: tuple[CitedRange, ...] = ()
