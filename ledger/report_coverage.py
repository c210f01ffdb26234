"""How well a report is covered: every reading that it cites read again, by mark, with what is odd (DOMAIN 43).

The report itself and every cited reading are compared with the leaf hash beside them, and every range with the sum that
the report cites: one altered reading makes this fail, and is named. What the leaf hashes themselves are worth, against
tiles, heads and chain, is ``tanlu fsck``'s to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from attestation.bodies import Citation, Output, Report, ReportLine
from attestation.decimals import exact_context, format_decimal, parse_decimal
from attestation.instants import parse_instant
from attestation.judging.citations import Cited
from attestation.keys import Kind as Holder
from ledger.bodies import body_of
from ledger.context import LedgerContext, LogParameters
from ledger.coverage_findings import Finding, Findings, Kind, ReadCitation, by_device
from ledger.coverage_shares import Marked, Number, line_shares, lowering, numbers_of, shared_out
from ledger.db.entries import EntryRepository
from ledger.db.log_models import Entry
from ledger.errors import ReadingAltered
from ledger.merkle import leaf_hash
from ledger.reading_pass import Place, RangeRead, read_range

REPORT = "report"
_PAGES = -8_192
"""SQLite's cache while a report is covered: so many KiB."""


@dataclass(frozen=True, slots=True)
class CoveredCitation:
    """A cited range: whose it is, when, how many readings, and their sum in ``unit`` before the multiplier."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    device: str | None
    start: int
    end: int
    readings: int
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Seconds:
    """Hours of meters in seconds, by mark; ``gap``: of their service in the report's period, with no cited reading."""

    device: int = 0
    backfilled: int = 0
    manual: int = 0
    gap: int = 0

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(
            self.device + other.device,
            self.backfilled + other.backfilled,
            self.manual + other.manual,
            self.gap + other.gap,
        )


@dataclass(frozen=True, slots=True)
class CoveredLine:
    """A line (or an output, whose ``emissions`` is None): its numbers by mark, its ``share`` in percent."""

    id: str
    kind: str
    emissions: Decimal | None
    numbers: tuple[Number, ...]
    share: Marked
    seconds: Seconds
    readings: int
    ranges: tuple[CoveredCitation, ...]


@dataclass(frozen=True, slots=True)
class ReportCoverage:
    """The coverage of a report. ``share``: of its lines' emissions, in percent; ``backed``: what of it is not stated
    only. ``counts``: findings by kind, of which ``findings`` names the first thousand."""

    index: int
    statement_id: bytes
    issuer: str
    year: int
    start: int
    end: int
    readings: int
    share: Marked
    backed: Decimal
    seconds: Seconds
    lines: tuple[CoveredLine, ...]
    outputs: tuple[CoveredLine, ...]
    findings: tuple[Finding, ...]
    counts: dict[Kind, int]


def cover_report(session: Session, parameters: LogParameters, index: int) -> ReportCoverage | None:
    """Read again what the report at a log position cites; None where no report stands there.

    Findings are by the device events that are logged now, and by the rules of the year in force when the report was
    accepted. Raises ``ReadingAltered``.
    """
    entries = EntryRepository(session)
    entry = entries.entry(index)
    if entry is None or entry.type != REPORT:
        return None
    if leaf_hash(entry.entry) != entry.leaf_hash:
        raise _altered(entry)
    return _Coverer(session, parameters, entry).cover()


class _Coverer:
    def __init__(self, session: Session, parameters: LogParameters, entry: Entry) -> None:
        self._session = session
        self._entries = EntryRepository(session)
        self._entry = entry
        self._body = body_of(entry.entry, Report)
        self._context = LedgerContext(session, parameters, self._entries.state(), entry.accepted_at)
        self._multiple = self._context.rules(self._body.year).jump_multiple
        self._findings = Findings()
        self._missing: dict[str, int] = {}

    def cover(self) -> ReportCoverage:
        body, entry = self._body, self._entry
        period = parse_instant(body.period.start), parse_instant(body.period.end)
        with _more_pages(self._session.connection()):
            lines = self._group([(line.id, line.evidence) for line in body.lines], period)
            outputs = self._group([(f"output {one.product}", one.evidence or ()) for one in body.output or ()], period)
        covered = tuple(self._line(line, found) for line, found in zip(body.lines, lines, strict=True))
        made = tuple(self._output(output, found) for output, found in zip(body.output or (), outputs, strict=True))
        # Where nothing is emitted, each line weighs the same.
        emitted = any(one.emissions for one in covered)
        share, seconds = Marked(), Seconds()
        for one in covered:
            share += line_shares(one.numbers).times(abs(one.emissions or Decimal(0)) if emitted else Decimal(1))
            seconds += one.seconds
        percent = share.percent()
        return ReportCoverage(
            index=entry.index,
            statement_id=entry.statement_id,
            issuer=self._entries.require_stream(entry.stream_id).issuer,
            year=body.year,
            start=period[0],
            end=period[1],
            readings=sum(one.readings for one in (*covered, *made)),
            share=percent,
            backed=100 - percent.stated,
            seconds=seconds,
            lines=covered,
            outputs=made,
            findings=tuple(self._findings.named),
            counts={kind: self._findings.counts[kind] for kind in Kind},
        )

    def _group(
        self, parts: Sequence[tuple[str, Sequence[Citation]]], period: tuple[int, int]
    ) -> list[list[ReadCitation]]:
        """Each part's citations, read; and what is odd among all of them. An hour counts once in a group."""
        found = [[self._read(name, citation) for citation in evidence] for name, evidence in parts]
        every = [one for citations in found for one in citations]
        for one in every:
            self._findings.within(one, self._multiple)
        for (device, _), cited in by_device(every).items():
            missing = self._findings.of_device(cited, self._context.device_terms(device), period)
            # Seconds that nobody read belong to no line more than to another: they are told with the first.
            name = cited[0].cited.line
            self._missing[name] = self._missing.get(name, 0) + missing
        for one in every:
            if one.cited.device is None:
                self._missing[one.cited.line] = self._missing.get(one.cited.line, 0) + one.read.gap_seconds
        return found

    def _read(self, name: str, citation: Citation) -> ReadCitation:
        where = f"{citation.issuer} {citation.stream} {citation.first_seq}-{citation.last_seq}"
        stream = self._entries.stream(citation.issuer, citation.stream)
        if stream is None:
            raise _other_sum(where, "no such stream", citation)
        place = Place(stream.id, citation.issuer, citation.stream)
        read = read_range(self._session.connection(), place, citation.first_seq, citation.last_seq)
        readings = read.readings
        if (readings.total, readings.unit) != (parse_decimal(citation.quantity), citation.unit):
            raise _other_sum(where, f"{format_decimal(readings.total)} {readings.unit}", citation)
        device = citation.issuer if self._is_device(citation.issuer) else readings.meters[0]
        return ReadCitation(Cited(name, where, citation, readings, device), read)

    def _is_device(self, identifier: str) -> bool:
        found = self._context.identifier(identifier)
        return found is not None and found.kind is Holder.DEVICE

    def _line(self, line: ReportLine, found: Sequence[ReadCitation]) -> CoveredLine:
        marked = [(one.cited.citation, self._marked(one.read, one)) for one in found]
        numbers = shared_out(numbers_of(line), marked, lowering(line))
        return self._told(line.id, line.kind, Decimal(line.emissions), numbers, found, name=line.id)

    def _output(self, output: Output, found: Sequence[ReadCitation]) -> CoveredLine:
        stated: Mapping[str | None, tuple[Decimal, str]] = {None: (parse_decimal(output.quantity), output.unit)}
        marked = [(one.cited.citation, self._marked(one.read, one)) for one in found]
        numbers = shared_out(stated, marked, {None})
        return self._told(output.product, "output", None, numbers, found, name=f"output {output.product}")

    def _told(
        self,
        id_: str,
        kind: str,
        emissions: Decimal | None,
        numbers: tuple[Number, ...],
        found: Sequence[ReadCitation],
        *,
        name: str,
    ) -> CoveredLine:
        seconds = Seconds(gap=self._missing.get(name, 0))
        for one in found:
            seconds += self._seconds(one.read, one)
        ranges = tuple(_range(one) for one in found)
        readings = sum(one.readings for one in ranges)
        return CoveredLine(id_, kind, emissions, numbers, line_shares(numbers).percent(), seconds, readings, ranges)

    def _marked(self, read: RangeRead, one: ReadCitation) -> Marked:
        if not self._is_device(one.cited.citation.issuer):
            return Marked(manual=read.readings.total)
        in_time = exact_context().subtract(read.readings.total, read.late_total)
        return Marked(device=in_time, backfilled=read.late_total)

    def _seconds(self, read: RangeRead, one: ReadCitation) -> Seconds:
        if not self._is_device(one.cited.citation.issuer):
            return Seconds(manual=read.seconds)
        return Seconds(device=read.seconds - read.late_seconds, backfilled=read.late_seconds)


@contextmanager
def _more_pages(connection: Connection) -> Iterator[None]:
    """Streams of one gateway lie on the same pages of the file: those of a month stay at hand from one to the next."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size={_PAGES}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={before}")


def _range(one: ReadCitation) -> CoveredCitation:
    citation, readings = one.cited.citation, one.cited.readings
    return CoveredCitation(
        issuer=citation.issuer,
        stream=citation.stream,
        first_seq=citation.first_seq,
        last_seq=citation.last_seq,
        device=one.cited.device,
        start=readings.start,
        end=readings.end,
        readings=readings.count,
        quantity=readings.total,
        unit=readings.unit,
    )


def _altered(entry: Entry) -> ReadingAltered:
    return ReadingAltered(
        "The report is not the one that was logged: its bytes are not those of its leaf hash.",
        rule="coverage.altered",
        value=f"entry {entry.index}: bytes of leaf hash {leaf_hash(entry.entry).hex()}",
        expected=f"bytes of leaf hash {entry.leaf_hash.hex()}",
        message_zh="该报告并非入账时的报告：其字节与叶哈希不符。",
    )


def _other_sum(where: str, found: str, citation: Citation) -> ReadingAltered:
    return ReadingAltered(
        "Cited readings do not add up to what they did when the report was accepted.",
        rule="coverage.sum",
        value=f"{where}: {found}",
        expected=f"{citation.quantity} {citation.unit}",
        message_zh="所引读数之和与报告受理时不符。",
    )
