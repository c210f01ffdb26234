"""What coverage finds odd in the readings of a report: holes, overlaps, jumps, registers (DOMAIN 42, 43).

Findings refuse nothing: whoever verifies judges them. A hole is one in time: of a meter's term of service, as far as
the report's period goes, what no cited reading covers.
"""

from __future__ import annotations

import decimal
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from attestation.decimals import calculation_context, exact_sum, format_decimal
from attestation.errors import AttestationError
from attestation.judging.citations import Cited, check_meter
from attestation.terms import Term, unknown
from attestation.units import Dimension, convert, parse_unit
from ledger.reading_pass import RangeRead, Seam

NAMED = 1_000
"""A report's coverage names at most so many findings; all are counted by kind."""


class Kind(StrEnum):
    """What a finding is about."""

    GAP = "gap"
    OVERLAP = "overlap"
    RESET = "reset"
    JUMP = "jump"
    REGISTER = "register"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that whoever verifies should look at.

    ``line`` counts the readings (``output …``: an output), ``device`` measured them, the seqs ``first_seq`` to
    ``last_seq`` of the stream are where, ``start`` to ``end`` (unix seconds) when. A gap lies between its seqs.
    ``found`` and ``expected`` say what is odd.
    """

    kind: Kind
    line: str
    device: str | None
    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    start: int
    end: int
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class ReadCitation:
    """A citation and what its pass found."""

    cited: Cited
    read: RangeRead

    @property
    def dimension(self) -> Dimension:
        """What the readings measure."""
        return parse_unit(self.cited.readings.unit).dimension


@dataclass(slots=True)
class Findings:
    """Collects findings: the first thousand by name, all by number."""

    named: list[Finding] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)

    def add(self, kind: Kind, one: ReadCitation, where: Seam, found: str, expected: str) -> None:
        """Name a finding in the citation's stream."""
        self.counts[kind] += 1
        if len(self.named) < NAMED:
            cited, seqs = one.cited, (where.first_seq, where.last_seq)
            names = cited.line, cited.device, cited.citation.issuer, cited.citation.stream
            self.named.append(Finding(kind, *names, *seqs, where.start, where.end, found, expected))

    def within(self, one: ReadCitation, multiple: Decimal) -> None:
        """What is odd inside one range: holes, overlaps, readings above ``multiple`` medians."""
        read = one.read
        for seam in read.gaps:
            self.add(Kind.GAP, one, seam, f"{seam.end - seam.start} s without a reading", "readings without a hole")
        for seam in read.overlaps:
            self.add(Kind.OVERLAP, one, seam, f"{seam.start - seam.end} s twice", "each second once")
        self.counts[Kind.GAP] += read.gap_count - len(read.gaps)
        self.counts[Kind.OVERLAP] += read.overlap_count - len(read.overlaps)
        if read.median is None:
            return
        with decimal.localcontext(calculation_context()):
            most = read.median * multiple
        for large in read.largest:
            if large.quantity > most:
                said = f"at most {format_decimal(most)}, {format_decimal(multiple)} times the median"
                at = Seam(large.seq, large.seq, large.start, large.end)
                self.add(Kind.JUMP, one, at, format_decimal(large.quantity), said)

    def of_device(self, cited: Sequence[ReadCitation], terms: Sequence[Term], period: tuple[int, int]) -> int:
        """What is odd in one device's citations of one dimension; the seconds of service without a cited reading."""
        for one in cited:
            self._judge_term(one, terms)
        for term in terms:
            self._judge_register(term, cited, period)
        return self._judge_time(cited, terms or (unknown(cited[0].cited.device or ""),), period)

    def _judge_term(self, one: ReadCitation, terms: Sequence[Term]) -> None:
        try:
            check_meter(one.cited, terms)
        except AttestationError as error:
            # Events may be logged after the report that they are about.
            self.add(Kind.TERM, one, _whole(one), f"{error.rule}: {error.value}", error.expected)

    def _judge_register(self, term: Term, cited: Sequence[ReadCitation], period: tuple[int, int]) -> None:
        if term.end is None or term.unit is None or term.opening is None or term.closing is None:
            return
        if term.end <= period[0] or term.start >= period[1]:
            return
        inside = [one for one in cited if term.holds(one.cited.readings.start, one.cited.readings.end)]
        if not inside or parse_unit(term.unit).dimension is not inside[0].dimension:
            return
        place = Seam(inside[0].cited.citation.first_seq, inside[-1].cited.citation.last_seq, term.start, term.end)
        if term.closing < term.opening:
            opening = f"at least {format_decimal(term.opening)} {term.unit}, the opening register"
            self.add(Kind.RESET, inside[0], place, f"{format_decimal(term.closing)} {term.unit}", opening)
        elif period[0] <= term.start and term.end <= period[1]:
            sums = exact_sum(convert(one.read.readings.total, one.read.readings.unit, term.unit) for one in inside)
            with decimal.localcontext(calculation_context()):
                found, wanted = sums * term.multiplier, (term.closing - term.opening) * term.multiplier
            if found != wanted:
                said = f"{format_decimal(wanted)} {term.unit}: closing less opening register, times the multiplier"
                self.add(Kind.REGISTER, inside[0], place, f"{format_decimal(found)} {term.unit}", said)

    def _judge_time(self, cited: Sequence[ReadCitation], terms: Sequence[Term], period: tuple[int, int]) -> int:
        missing = sum(one.read.gap_seconds for one in cited)
        for term in terms:
            start, end = max(term.start, period[0]), period[1] if term.end is None else min(term.end, period[1])
            inside = [one for one in cited if one.cited.readings.start < end and start < one.cited.readings.end]
            if start >= end:
                continue
            covered, before = start, None
            for one in inside:
                if one.cited.readings.start > covered:
                    missing += self._gap(before, one, covered, one.cited.readings.start)
                elif before is not None and one.cited.readings.start < covered:
                    both = Seam(
                        one.cited.citation.first_seq, one.cited.citation.last_seq, one.cited.readings.start, covered
                    )
                    self.add(
                        Kind.OVERLAP, one, both, one.cited.where, f"hours that {before.cited.where} does not count"
                    )
                if one.cited.readings.end >= covered:
                    covered, before = one.cited.readings.end, one
            if covered < end:
                missing += (
                    self._gap(before, None, covered, end) if before is not None else self._unread(cited, start, end)
                )
        return missing

    def _gap(self, before: ReadCitation | None, after: ReadCitation | None, start: int, end: int) -> int:
        one = before or after
        if one is None:
            raise ValueError("a gap lies beside a citation")
        first = one.cited.citation.last_seq if before is not None else one.cited.citation.first_seq
        same = before is not None and after is not None and _stream(before) == _stream(after)
        last = after.cited.citation.first_seq if after is not None and same else first
        text = f"{end - start} s without a cited reading"
        self.add(Kind.GAP, one, Seam(first, last, start, end), text, "the whole time in which the meter served")
        return end - start

    def _unread(self, cited: Sequence[ReadCitation], start: int, end: int) -> int:
        place = Seam(cited[0].cited.citation.first_seq, cited[0].cited.citation.first_seq, start, end)
        text = f"{end - start} s without a cited reading"
        self.add(Kind.GAP, cited[0], place, text, "the whole time in which the meter served")
        return end - start


def by_device(cited: Iterable[ReadCitation]) -> dict[tuple[str, Dimension], list[ReadCitation]]:
    """Citations by device and what they measure, in order of time. Readings of nobody's meter are left out."""
    found: dict[tuple[str, Dimension], list[ReadCitation]] = {}
    for one in cited:
        if one.cited.device is not None:
            found.setdefault((one.cited.device, one.dimension), []).append(one)
    for group in found.values():
        group.sort(key=lambda one: (one.cited.readings.start, one.cited.readings.end))
    return found


def _whole(one: ReadCitation) -> Seam:
    citation, readings = one.cited.citation, one.cited.readings
    return Seam(citation.first_seq, citation.last_seq, readings.start, readings.end)


def _stream(one: ReadCitation) -> tuple[str, str]:
    return one.cited.citation.issuer, one.cited.citation.stream
