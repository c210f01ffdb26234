"""Step 12 of a report: what it cites is in the log, its own, and worth what its meters say (DOMAIN 36, 39, 42, 43)."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from attestation.bodies import Citation, Report
from attestation.context import CitedReadings, Context
from attestation.decimals import format_decimal, parse_decimal
from attestation.errors import AttestationError, RecomputationRefused, Unsettled
from attestation.instants import format_instant
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.terms import ONE, Term, unknown
from attestation.units import Dimension, parse_unit


@dataclass(frozen=True, slots=True)
class Cited:
    """Readings that a line cites. ``device``: whose they are, by its own key or by hand; None: nobody says."""

    line: str
    where: str
    citation: Citation
    readings: CitedReadings
    device: str | None


def check_evidence(issuer: str, body: Report, period: tuple[int, int], context: Context) -> None:
    """Judge every citation of the lines and outputs of an issuer's report.

    Raises RecomputationRefused (``citation.*``).

    An hour of a meter counts once among the lines, and once among the outputs: what is made may well be what a line
    balances (DOMAIN 34), but no line counts what another one does (DOMAIN 35).
    """
    lines = [(line.id, line.evidence) for line in body.lines]
    outputs = [(f"output {output.product}", output.evidence or ()) for output in body.output or ()]
    for parts in (lines, outputs):
        cited = [
            _check_citation(issuer, name, citation, period, context)
            for name, evidence in parts
            for citation in evidence
        ]
        _check_hours(cited)


def _check_citation(issuer: str, line: str, citation: Citation, period: tuple[int, int], context: Context) -> Cited:
    where = f"{citation.issuer} {citation.stream} {citation.first_seq}-{citation.last_seq}"
    if citation.issuer != issuer:
        device = context.identifier(citation.issuer)
        if device is None or device.kind is not Kind.DEVICE or device.parent != issuer:
            raise _of_line(line, refuse("citation.issuer", citation.issuer, at=f"line {line}"))
    try:
        readings = context.cited(citation.issuer, citation.stream, citation.first_seq, citation.last_seq)
    except Unsettled:
        again = "the same report again: its readings are there by now"
        raise _of_line(line, refuse("citation.unsettled", where, again, at=f"line {line}")) from None
    if readings is None:
        raise _of_line(line, refuse("citation.readings", where, at=f"line {line}"))
    if readings.start < period[0] or readings.end > period[1]:
        found, wanted = f"{where}: from {readings.start} to {readings.end}", f"within {period[0]} to {period[1]}"
        within_zh = f"在 {period[0]} 至 {period[1]} 之内"
        raise _of_line(line, refuse("citation.period", found, wanted, at=f"line {line}", expected_zh=within_zh))
    if readings.unit != citation.unit:
        raise _of_line(line, refuse("citation.unit", citation.unit, readings.unit, at=f"line {line}, {where}"))
    if parse_decimal(citation.quantity) != readings.total:
        total = format_decimal(readings.total)
        raise _of_line(line, refuse("citation.sum", citation.quantity, total, at=f"line {line}, {where}"))
    if len(readings.meters) > 1:
        named = ", ".join(meter or "no meter" for meter in readings.meters)
        raise _of_line(line, refuse("citation.meters", named, at=f"line {line}, {where}"))
    device_named = citation.issuer if citation.issuer != issuer else readings.meters[0]
    cited = Cited(line, where, citation, readings, device_named)
    check_meter(cited, () if device_named is None else context.device_terms(device_named))
    return cited


def check_meter(cited: Cited, terms: Sequence[Term]) -> None:
    """The citation lies in one of its device's terms, and carries that term's multiplier and calibration.

    Raises RecomputationRefused (``citation.device_term``, ``.device_unit``, ``.multiplier``, ``.uncalibrated``).
    """
    multiplier, accuracy = ONE, None
    if cited.device is not None:
        term = _term(cited, terms or (unknown(cited.device),))
        multiplier, accuracy = term.multiplier, _accuracy(cited, term)
    at, citation = f"line {cited.line}, {cited.where}", cited.citation
    if (ONE if citation.multiplier is None else parse_decimal(citation.multiplier)) != multiplier:
        error = refuse("citation.multiplier", citation.multiplier or "none, so 1", format_decimal(multiplier), at=at)
        raise _of_line(cited.line, error)
    if (None if citation.accuracy_percent is None else parse_decimal(citation.accuracy_percent)) != accuracy:
        wanted = "none: the meter was calibrated" if accuracy is None else f"{format_decimal(accuracy)} (DOMAIN 39)"
        error = refuse("citation.uncalibrated", citation.accuracy_percent or "no accuracy_percent", wanted, at=at)
        raise _of_line(cited.line, error)


def _term(cited: Cited, terms: Sequence[Term]) -> Term:
    readings = cited.readings
    found = next((term for term in terms if term.holds(readings.start, readings.end)), None)
    if found is None:
        said = f"{cited.where}: from {format_instant(readings.start)} to {format_instant(readings.end)}"
        wanted = ", or ".join(_said(term) for term in terms)
        raise _of_line(cited.line, refuse("citation.device_term", said, wanted, at=f"line {cited.line}"))
    if found.unit is not None and parse_unit(found.unit).dimension is not parse_unit(readings.unit).dimension:
        error = refuse(
            "citation.device_unit",
            readings.unit,
            f"a unit that converts into {found.unit}",
            at=f"line {cited.line}, {cited.where}",
        )
        raise _of_line(cited.line, error)
    return found


def _said(term: Term) -> str:
    until = "on" if term.end is None else f"to {format_instant(term.end)}"
    return f"within {format_instant(term.start)} {until}"


def _accuracy(cited: Cited, term: Term) -> Decimal | None:
    """The rated accuracy that the citation carries, or None for readings of a calibrated meter.

    Only the uncovered period is changed (DOMAIN 39): readings on both sides of a boundary are two citations. A single
    reading over it cannot be cut, and counts as uncovered.
    """
    readings = cited.readings
    spells = [spell for spell in term.spells() if spell.start < readings.end and readings.start < spell.end]
    rated = [spell.uncalibrated for spell in spells]
    if readings.count > 1 and len(set(rated)) > 1:
        boundaries = [
            format_instant(b.start) for a, b in itertools.pairwise(spells) if a.uncalibrated != b.uncalibrated
        ]
        error = refuse(
            "citation.uncalibrated",
            f"{cited.where}: from {format_instant(readings.start)} to {format_instant(readings.end)}",
            f"citations split at {', '.join(boundaries)}, where the calibration changes",
            at=f"line {cited.line}",
        )
        raise _of_line(cited.line, error)
    return max((one for one in rated if one is not None), default=None)


def _check_hours(cited: Iterable[Cited]) -> None:
    """One meter's hours count once (DOMAIN 35), whichever of its streams or whose hand they come from."""
    by_meter: defaultdict[tuple[str, Dimension], list[Cited]] = defaultdict(list)
    for one in cited:
        if one.device is not None:
            by_meter[one.device, parse_unit(one.readings.unit).dimension].append(one)
    for (device, _), found in by_meter.items():
        found.sort(key=lambda one: (one.readings.start, one.readings.end))
        for first, second in itertools.pairwise(found):
            if second.readings.start < first.readings.end:
                start, end = second.readings.start, min(first.readings.end, second.readings.end)
                said = f"{device} from {format_instant(start)} to {format_instant(end)}: {second.where}"
                wanted = f"hours that line {first.line} does not count by {first.where}"
                raise _of_line(second.line, refuse("citation.hours_twice", said, wanted, at=f"line {second.line}"))


def _of_line(line_id: str, error: AttestationError) -> AttestationError:
    if isinstance(error, RecomputationRefused):
        error.line = line_id
    return error
