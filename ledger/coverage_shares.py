"""Shares of a line by how its numbers came: from readings of each mark, or stated without any (DOMAIN 43)."""

from __future__ import annotations

import decimal
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from attestation.bodies import Citation, ReportLine
from attestation.decimals import calculation_context, parse_decimal, round_half_up
from attestation.units import UNITS, convert

SHARE_PLACES = 2
"""Shares are percentages with two decimals, each rounded half-up by itself."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Something by mark: quantities in one unit, seconds, tCO2 or percent. ``stated``: no reading says so."""

    device: Decimal = Decimal(0)
    backfilled: Decimal = Decimal(0)
    manual: Decimal = Decimal(0)
    stated: Decimal = Decimal(0)

    def __add__(self, other: Marked) -> Marked:
        with decimal.localcontext(calculation_context()):
            return Marked(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def times(self, factor: Decimal) -> Marked:
        """Each part times a factor, at 50 digits."""
        with decimal.localcontext(calculation_context()):
            return Marked(*(getattr(self, one.name) * factor for one in fields(self)))

    @property
    def total(self) -> Decimal:
        """All parts together."""
        with decimal.localcontext(calculation_context()):
            return self.device + self.backfilled + self.manual + self.stated

    def fractions(self) -> Marked:
        """The parts of 1; all of it stated where there is nothing to share out."""
        with decimal.localcontext(calculation_context()):
            return Marked(stated=Decimal(1)) if not self.total else self.times(1 / self.total)

    def percent(self) -> Marked:
        """The parts in percent, two decimals."""
        found = self.fractions().times(Decimal(100))
        return Marked(*(round_half_up(getattr(found, one.name), SHARE_PLACES) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a line and how it came. ``part`` is a flow's id, a batch or ``own``; None: the line's quantity."""

    part: str | None
    unit: str
    quantity: Marked


def numbers_of(line: ReportLine) -> Mapping[str | None, tuple[Decimal, str]]:
    """The numbers that a line states, by part: quantity and unit."""
    if line.flows:
        return {flow.id: (parse_decimal(flow.quantity), flow.unit) for flow in line.flows}
    unit = line.unit or ""
    if line.weighings:
        return {weighing.batch: (parse_decimal(weighing.quantity), unit) for weighing in line.weighings}
    found: dict[str | None, tuple[Decimal, str]] = {}
    if line.quantity is not None:
        found[None] = parse_decimal(line.quantity), unit
    if line.own is not None:
        found["own"] = parse_decimal(line.own), unit
    return found


def lowering(line: ReportLine) -> frozenset[str | None]:
    """The parts of a line that lower its emissions: an uncalibrated meter makes them smaller (DOMAIN 39)."""
    flows = (flow.id for flow in line.flows or () if flow.direction == "out")
    return frozenset(("own", *flows))


def shared_out(
    numbers: Mapping[str | None, tuple[Decimal, str]],
    cited: Sequence[tuple[Citation, Marked]],
    lowers: Collection[str | None],
) -> tuple[Number, ...]:
    """Each number by mark. ``cited``: citations with their readings' sums by mark, in the citation's own unit.

    A number with evidence is what that adds up to, with multiplier and uncalibrated accuracy (DOMAIN 39), which makes
    those of ``lowers`` smaller; one without is stated.
    """
    found: dict[str | None, Marked] = {}
    units = {part: unit for part, (_, unit) in numbers.items()}
    for citation, marked in cited:
        part = citation.part if citation.part in numbers else None
        unit = units.setdefault(part, citation.unit) or citation.unit
        counted = Marked(*(convert(getattr(marked, one.name), citation.unit, unit) for one in fields(marked)))
        found[part] = found.get(part, Marked()) + counted.times(_weight(citation, part in lowers))
    stated = {part: Marked(stated=quantity) for part, (quantity, _) in numbers.items() if part not in found}
    return tuple(Number(part, units[part], marked) for part, marked in (found | stated).items())


def line_shares(numbers: Iterable[Number]) -> Marked:
    """Fractions of a line by mark. Numbers that measure one thing weigh what they are, others alike."""
    known = [(number, UNITS.get(number.unit)) for number in numbers]
    alike = len({None if unit is None else unit.dimension for _, unit in known}) == 1
    total = Marked()
    for number, unit in known:
        weighs = number.quantity.times(unit.base) if alike and unit is not None else number.quantity.fractions()
        total += weighs
    return total.fractions()


def _weight(citation: Citation, lowers: bool) -> Decimal:
    multiplier = Decimal(1) if citation.multiplier is None else parse_decimal(citation.multiplier)
    accuracy = Decimal(0) if citation.accuracy_percent is None else parse_decimal(citation.accuracy_percent)
    with decimal.localcontext(calculation_context()):
        return multiplier * (1 - accuracy / 100 if lowers else 1 + accuracy / 100)
