"""Terms of service: from when to when a device measured, with which multiplier, and how long its calibration held.

A device of which no event was logged has one endless term with multiplier 1 (``UNKNOWN``). Times are unix seconds,
half open. Rules: DOMAIN 39 (uncalibrated meter), 42 (device events).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from attestation.bodies.devices import CalibrateDevice, Device, InstallDevice, RemoveDevice, ReplaceDevice
from attestation.decimals import parse_decimal
from attestation.instants import LATEST, parse_instant

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Readings from ``start`` until ``end`` are of a calibrated meter. ``accuracy``: percent, as rated; None where
    nobody said. ``index``: the entry that says so."""

    start: int
    end: int
    accuracy: Decimal | None
    index: int


@dataclass(frozen=True, slots=True)
class Term:
    """A device in service during ``[start, end)``; ``end`` None: still.

    ``opening`` and ``closing`` are its register in ``unit``, before the ``multiplier``. ``calibrations`` in the order
    of their entries; the first is what was said when the term began. ``began`` and ``ended`` are the entries that say
    so. ``unit`` None: no event, any unit.
    """

    device: str
    start: int
    end: int | None
    unit: str | None
    multiplier: Decimal
    opening: Decimal | None
    closing: Decimal | None
    calibrations: tuple[Calibration, ...]
    began: int | None
    ended: int | None = None

    def holds(self, start: int, end: int) -> bool:
        """Whether ``[start, end)`` lies in the term."""
        return self.start <= start and (self.end is None or end <= self.end)

    def spells(self) -> Iterator[Spell]:
        """The term cut where its calibration ends or begins again, in order of time."""
        last = LATEST if self.end is None else self.end
        cuts = {self.start, last}
        for calibration in self.calibrations:
            cuts.update(at for at in (calibration.start, calibration.end) if self.start < at < last)
        ordered = sorted(cuts)
        for start, end in itertools.pairwise(ordered):
            yield Spell(start, end, self._uncalibrated(start))

    def _uncalibrated(self, at: int) -> Decimal | None:
        """The rated accuracy that an uncalibrated reading at that instant is changed by; None: calibrated."""
        if any(calibration.start <= at < calibration.end for calibration in self.calibrations):
            return None
        # What was rated last before that instant is what the meter is known for.
        known = [one for one in self.calibrations if one.start <= at and one.accuracy is not None]
        return max(known, key=lambda one: (one.start, one.index)).accuracy if known else None


@dataclass(frozen=True, slots=True)
class Spell:
    """A part of a term: calibrated throughout (``uncalibrated`` None) or not at all (the rated accuracy, percent)."""

    start: int
    end: int
    uncalibrated: Decimal | None


def unknown(device: str) -> Term:
    """The endless term of a device without events."""
    always = (Calibration(0, LATEST + 1, None, -1),)
    return Term(device, 0, None, None, ONE, None, None, always, None)


def terms_of(device: str, events: Iterable[tuple[int, Device]]) -> list[Term]:
    """The terms that a device's events make; ``events`` are (log index, body) in log order, those that name it as
    ``device`` or ``by``, each judged good when it was logged."""
    terms: list[Term] = []
    for index, body in events:
        at = parse_instant(body.at)
        match body:
            case InstallDevice():
                terms.append(_begun(device, at, body, index))
            case ReplaceDevice():
                if body.device == device:
                    terms[-1] = replace(terms[-1], end=at, closing=parse_decimal(body.closing), ended=index)
                if body.by == device:
                    terms.append(_begun(device, at, body, index))
            case CalibrateDevice():
                place = next(n for n in reversed(range(len(terms))) if terms[n].start <= at)
                made = Calibration(at, parse_instant(body.valid_until), parse_decimal(body.accuracy_percent), index)
                # Whoever keeps a calibration keeps it from then on: what nobody kept before ends there.
                earlier = (
                    replace(one, end=at) if one.end > LATEST and one.start < at else one
                    for one in terms[place].calibrations
                )
                terms[place] = replace(terms[place], calibrations=(*earlier, made))
            case RemoveDevice():
                terms[-1] = replace(terms[-1], end=at, closing=parse_decimal(body.closing), ended=index)
    return terms


def term_at(terms: Sequence[Term], at: int) -> Term | None:
    """The term that holds an instant."""
    return next((term for term in terms if term.start <= at and (term.end is None or at < term.end)), None)


def _begun(device: str, at: int, body: InstallDevice | ReplaceDevice, index: int) -> Term:
    # Where nobody keeps a calibration nobody's lapses: such a meter counts as calibrated until somebody keeps one.
    until = LATEST + 1 if body.valid_until is None else parse_instant(body.valid_until)
    accuracy = None if body.accuracy_percent is None else parse_decimal(body.accuracy_percent)
    calibrations = (Calibration(at, until, accuracy, index),)
    multiplier, opening = parse_decimal(body.multiplier), parse_decimal(body.opening)
    return Term(device, at, None, body.unit, multiplier, opening, None, calibrations, index)
