"""What a worker does with a range of the log: everything about an entry that does not depend on those before it.

Form, leaf hash, signature by the key that the statement names, the subtrees of the range, sums of the readings that
reports cite, and what a database says of the entry besides. What does depend on order is handed back in order: runs of
readings that follow each other in their stream, and every other statement by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any

from msgspec import Struct

from attestation.decimals import exact_context, parse_decimal
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.keys import Algorithm, PublicKey
from attestation.statements import Body, Close, Reading, Report, Statement
from ledger.audit.evidence import EntryRow, LogEvidence
from ledger.audit.findings import Area, Divergence
from ledger.audit.tree import part_nodes
from ledger.fsck.faults import shown
from ledger.merkle import HASH_SIZE, leaf_hash

Name = tuple[str, str]
"""Issuer and stream."""
Key = tuple[str, bytes]
"""Algorithm and raw public key, by which a signature is checked."""


class Cited(Struct, frozen=True, array_like=True):
    """A range of readings that a report cites: seqs ``first`` to ``last``, both included."""

    issuer: str
    stream: str
    first: int
    last: int


class Part(Struct, array_like=True):
    """So many readings of a cited range, in the order of their seqs: what is added up.

    ``meters``: the meter named last, and the one named before it in the range, if there was another.
    """

    count: int
    total: Decimal
    units: list[str]
    first_seq: int
    start: int
    last_seq: int
    end: int
    meters: list[str | None]


class Run(Struct, array_like=True):
    """Readings of one stream and key whose seqs and periods follow each other, between two other statements.

    ``meter``: a run of readings by hand names one meter. ``start``, ``end``: of all its periods, ``last_start`` of the
    last one.
    """

    stream: Name
    kid: str
    meter: str | None
    first_index: int
    last_index: int
    first_seq: int
    last_seq: int
    start: int
    last_start: int
    end: int


class Other(Struct, array_like=True):
    """A statement that is no reading; ``good``: its form and signature are."""

    index: int
    accepted_at: int
    entry: bytes
    good: bool


class RangeResult(Struct, array_like=True):
    """What a range gives. ``nodes``: for each head's size in it (counted from its beginning), the subtrees of it."""

    first: int
    last: int
    nodes: dict[int, list[bytes]]
    steps: list[Run | Other]
    cited: dict[Cited, Part]
    divergences: list[Divergence]
    checked: int


class RangeJudge:
    """Judges ranges of one log.

    ``skew``: seconds that a claimed time may be ahead. ``keys``: of each thumbprint that a statement of the log
    brought, and of the root key. ``cited``: what the log's reports cite. ``names``: of a database, stream ids by name.
    """

    def __init__(
        self,
        origin: str,
        skew: int,
        keys: Mapping[str, Key],
        cited: Iterable[Cited],
        names: Mapping[int, Name] | None = None,
    ) -> None:
        self._origin = origin
        self._skew = skew
        self._material = keys
        self._keys: dict[str, PublicKey] = {}
        self._names = names
        self._cited: dict[Name, list[Cited]] = {}
        for one in cited:
            self._cited.setdefault((one.issuer, one.stream), []).append(one)
        self._exact = exact_context()

    def judge(self, evidence: LogEvidence, first: int, last: int, sizes: Sequence[int]) -> RangeResult:
        """Entries ``first`` to ``last``; ``sizes``: of heads above ``first`` and up to ``last + 1``."""
        work = _Work()
        expected = first
        for row in evidence.entries(first, last):
            while expected < row.index:
                work.missing(expected, evidence.leaf(expected))
                expected += 1
            expected = row.index + 1
            try:
                statement = examine(row.entry, self._origin)
                self._key(statement).verify(statement.jws.signing_input, statement.jws.signature)
                body = statement.body
            except (AttestationError, TypeError, AttributeError) as error:
                work.bad(row, error)
            else:
                self._take(row, statement, body, work)
        while expected <= last:
            work.missing(expected, evidence.leaf(expected))
            expected += 1
        work.end_runs()
        return RangeResult(
            first,
            last,
            part_nodes(work.leaves, [size - first for size in sizes]),
            work.steps,
            work.cited,
            work.divergences,
            work.checked,
        )

    def _take(self, row: EntryRow, statement: Statement, body: Body, work: _Work) -> None:
        work.checked += 1
        leaf = leaf_hash(row.entry)
        work.leaves.append(leaf)
        period = _period(body)
        if statement.iat - row.accepted_at > self._skew or (period and period[1] - row.accepted_at > self._skew):
            work.ahead(row.index, max(statement.iat, period[1] if period else 0) - row.accepted_at, self._skew)
        if row.columns:
            self._compare(row, statement, leaf, period, work)
        if period is None or type(body) is not Reading:
            work.other(row, good=True)
            return
        stream = statement.iss, statement.stream
        work.reading(row.index, stream, statement, body.meter, period)
        if stream in self._cited:
            self._sum(statement, body, period, work)

    def _key(self, statement: Statement) -> PublicKey:
        name = statement.kid_key
        key = self._keys.get(name)
        if key is None:
            found = self._material.get(name)
            if found is None:
                raise _unknown(name)
            key = self._keys[name] = PublicKey(Algorithm(found[0]), found[1])
        if statement.jws.header.alg is not key.algorithm:
            raise _unknown(f"{name} for {statement.jws.header.alg.value}")
        return key

    def _sum(self, statement: Statement, body: Reading, period: tuple[int, int], work: _Work) -> None:
        for one in self._cited[statement.iss, statement.stream]:
            if not one.first <= statement.seq <= one.last:
                continue
            quantity = parse_decimal(body.quantity)
            part = work.cited.get(one)
            if part is None:
                work.cited[one] = Part(
                    1, quantity, [body.unit], statement.seq, period[0], statement.seq, period[1], [body.meter]
                )
                continue
            part.count += 1
            part.total = self._exact.add(part.total, quantity)
            if body.unit not in part.units:
                part.units.append(body.unit)
            if statement.seq > part.last_seq:
                part.last_seq, part.end = statement.seq, period[1]
                if body.meter != part.meters[0]:
                    part.meters = [body.meter, part.meters[0]]
            elif statement.seq < part.first_seq:
                part.first_seq, part.start = statement.seq, period[0]
                if body.meter not in part.meters:
                    part.meters = [part.meters[0], body.meter]

    def _compare(
        self, row: EntryRow, statement: Statement, leaf: bytes, period: tuple[int, int] | None, work: _Work
    ) -> None:
        start, end = period or (None, None)
        wanted = (leaf, statement.statement_id, statement.seq, statement.type, start, end)
        columns = row.columns
        found = _compared(columns)
        # Numbers of another type are another value: 1 is not 1.0 there.
        if found != wanted or list(map(type, found)) != list(map(type, wanted)):
            for name, value, expected in zip(_COMPARED, found, wanted, strict=True):
                if value != expected or type(value) is not type(expected):
                    work.column(row.index, name, value, expected)
        if self._names is not None:
            named, right = self._names.get(columns["stream_id"]), (statement.iss, statement.stream)
            if named != right:
                work.column(row.index, "stream_id", named, right)


_COMPARED = ("leaf_hash", "statement_id", "seq", "type", "period_start", "period_end")
_compared = itemgetter(*_COMPARED)


class _Work:
    """A range's result as it grows."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.steps: list[Run | Other] = []
        self._ended: list[Run] = []
        self.cited: dict[Cited, Part] = {}
        self.divergences: list[Divergence] = []
        self.checked = 0
        self._runs: dict[Name, Run] = {}

    def reading(
        self, index: int, stream: Name, statement: Statement, meter: str | None, period: tuple[int, int]
    ) -> None:
        seq, (start, end) = statement.seq, period
        run = self._runs.get(stream)
        if (
            run is not None
            and seq == run.last_seq + 1
            and statement.kid_key == run.kid
            and start >= run.end
            and meter == run.meter
        ):
            run.last_seq, run.last_index, run.last_start, run.end = seq, index, start, end
            return
        if run is not None:
            self._ended.append(run)
        self._runs[stream] = Run(stream, statement.kid_key, meter, index, index, seq, seq, start, start, end)

    def other(self, row: EntryRow, *, good: bool) -> None:
        self.end_runs()
        self.steps.append(Other(row.index, row.accepted_at, row.entry, good))

    def end_runs(self) -> None:
        # Of one stream in the order in which they came; between streams nothing depends on it.
        ended = [*self._ended, *self._runs.values()]
        ended.sort(key=lambda run: run.first_index)
        self.steps += ended
        self._ended.clear()
        self._runs.clear()

    def bad(self, row: EntryRow, error: Exception) -> None:
        """Bytes that are no signed statement. The tree goes on with what the source says that the leaf was: the heads
        decide, and one altered entry is not told as a thousand bad heads."""
        self.checked += 1
        leaf = leaf_hash(row.entry) if isinstance(row.entry, bytes) else b""
        said = row.columns.get("leaf_hash")
        self.leaves.append(said if isinstance(said, bytes) and len(said) == HASH_SIZE else leaf or bytes(HASH_SIZE))
        rule, value, expected = (
            (error.rule, error.value, error.expected)
            if isinstance(error, AttestationError)
            else ("audit.entry", str(error), "the bytes of a statement")
        )
        evidence = {"leaf_hash": leaf.hex()} | ({"leaf_hash_said": said.hex()} if isinstance(said, bytes) else {})
        self._add(Divergence(Area.LOG, f"entry {row.index}", rule, value, expected, evidence))
        self.other(row, good=False)

    def missing(self, index: int, said: bytes | None) -> None:
        self.leaves.append(said or bytes(HASH_SIZE))
        wanted = "an entry: indexes have no gap"
        self._add(Divergence(Area.LOG, f"entry {index}", "audit.entry_missing", "none", wanted))

    def ahead(self, index: int, found: int, skew: int) -> None:
        wanted = f"at most {skew} s: nothing in the future is accepted"
        self._add(Divergence(Area.LOG, f"entry {index}", "time.future", f"{found} s ahead", wanted))

    def column(self, index: int, name: str, found: object, expected: object) -> None:
        self._add(Divergence(Area.ROW, f"entries {index}, {name}", "audit.row", shown(found), shown(expected)))

    def _add(self, divergence: Divergence) -> None:
        self.divergences.append(divergence)


# A meter's period ends where its next one begins, and meters read at the same hours.
_instant = lru_cache(maxsize=1 << 16)(parse_instant)


def _period(body: Any) -> tuple[int, int] | None:
    if isinstance(body, Reading | Close):
        return _instant(body.start), _instant(body.end)
    if isinstance(body, Report):
        return parse_instant(body.period.start), parse_instant(body.period.end)
    return None


def _unknown(name: str) -> AttestationError:
    # Imported where it is raised: the tables of refusals are not needed by a worker that finds nothing.
    from attestation.refusals import refuse  # noqa: PLC0415 - see above

    return refuse("key.unknown", name)
