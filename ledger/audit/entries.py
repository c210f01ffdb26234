"""The pass over the log: ranges are judged by worker processes, and put together in the order of the log.

Everything that depends on what came before is done here, in order: who could sign at that position, which place of a
stream was free, and what a statement establishes, by the rules of acceptance themselves (``ledger.fsck.replay``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from sqlalchemy.exc import SQLAlchemyError

from attestation.accounting.evidence import citations_of
from attestation.context import KeyRecord
from attestation.decimals import exact_context, parse_decimal
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.powers import SIGNERS
from attestation.statements import (
    Close,
    Report,
    Statement,
)
from ledger.audit.evidence import LogEvidence
from ledger.audit.findings import Area, Divergences
from ledger.audit.judging import SUMS, EntryJudge
from ledger.audit.kept import KeptRanges
from ledger.audit.places import Places, StreamPlaces
from ledger.audit.prescan import prescan
from ledger.audit.ranges import Cited, Name, Other, Part, RangeJudge, RangeResult, Run
from ledger.audit.tree import PART, Parts
from ledger.audit.worker import Setup, Task
from ledger.audit.workers import Judged, judging
from ledger.context import LogParameters
from ledger.errors import LedgerError
from ledger.fsck.replay import Replay

Progress = Callable[[int, int], None]


class LogPass:
    """One pass over the entries of a log.

    ``reached`` gets size and root of every head, in the order of sizes.
    """

    def __init__(
        self,
        evidence: LogEvidence,
        parameters: LogParameters,
        replay: Replay,
        divergences: Divergences,
        *,
        heads: Iterable[int],
        reached: Callable[[int, bytes], None],
    ) -> None:
        self._evidence = evidence
        self._parameters = parameters
        self._replay = replay
        self._divergences = divergences
        self._sizes = deque(sorted(set(heads)))
        self._reached = reached
        self._parts = Parts()
        self.places = Places(divergences)
        self._numbers: dict[Name, int] = {name: number for number, name in evidence.streams().items()}
        self._sums: dict[Cited, Part] = {}
        self._signers: dict[tuple[str, str], KeyRecord | None] = {}
        self._judge = EntryJudge(replay, divergences, self._sums.get)
        self.checked = 0

    @property
    def judged(self) -> int:
        """How many statements other than readings and closes were judged anew."""
        return self._judge.judged

    def run(self, *, workers: int, progress: Progress, kept: KeptRanges | None = None) -> None:
        """Judge every entry; ``workers`` processes beside this one, none for all of it here; ``kept``: what was found
        of ranges before."""
        count = self._evidence.count()
        tasks = [
            (first, min(first + PART, count) - 1, list(self._heads_in(first, min(first + PART, count))))
            for first in range(0, count, PART)
        ]
        with _here(self._evidence) if workers == 0 else judging(workers) as judged:
            keys, cited = prescan(self._evidence, self._parameters)
            setup = Setup(self._evidence.locator(), self._parameters.origin, self._parameters.skew, keys, cited)
            for result in (judged if kept is None else kept.over(judged, self._evidence))(setup, tasks):
                self._put_together(result)
                progress(result.last + 1, count)
        self.places.finish()
        self._tell_streams()
        for size in self._sizes:
            self._divergences.add(Area.HEAD, f"size {size}", "audit.head_beyond", size, f"at most {count} entries")

    def _heads_in(self, first: int, end: int) -> Iterator[int]:
        sizes = {size for size in self._sizes if first < size <= end}
        if end - first == PART:
            sizes.add(end)
        yield from sorted(sizes)

    def _put_together(self, result: RangeResult) -> None:
        for divergence in result.divergences:
            self._divergences.take(divergence)
        self.checked += result.checked
        for one, part in result.cited.items():
            known = self._sums.get(one)
            self._sums[one] = part if known is None else _added(known, part)
        for step in result.steps:
            if isinstance(step, Run):
                self._take_run(step)
            else:
                self._take_other(step)
        while self._sizes and self._sizes[0] <= result.last + 1:
            size = self._sizes.popleft()
            self._reached(size, self._parts.root(result.nodes[size - result.first]))
        if result.last + 1 - result.first == PART:
            (node,) = result.nodes[PART]
            self._parts.add(node)

    def _take_run(self, run: Run) -> None:
        record = self._signer(run.stream[0], run.kid)
        if record is not None:
            for index in (run.first_index, run.last_index):
                self._check_status(record, index)
            self._check_reader(run, record)
        stream = self._stream(run.stream)
        self._place(stream, run.stream, run.first_seq, run.last_seq, run.first_index)
        self.places.take_run(run)

    def _take_other(self, other: Other) -> None:
        if not other.good:
            return
        statement = examine(other.entry, self._parameters.origin)
        name, body = (statement.iss, statement.stream), statement.body
        stream = self._stream(name)
        period = None
        if isinstance(body, Close | Report):
            start, end = (body.start, body.end) if isinstance(body, Close) else (body.period.start, body.period.end)
            period = parse_instant(start), parse_instant(end)
        record = self._signer(*(statement.iss, statement.kid_key), statement)
        if record is not None:
            self._check_status(record, other.index)
        if isinstance(body, Close):
            self._place(stream, name, statement.seq, statement.seq, other.index)
            self.places.take_other(name, statement.seq, other.index)
            if period is not None:
                self.places.take_close(name, statement.seq, other.index, body, period)
            return
        self._tell_streams()
        summed = not isinstance(body, Report) or self._check_sums(other.index, body)
        if record is not None:
            self._judge.take(other.index, other.accepted_at, statement, record, () if summed else SUMS)
        row = {
            "idx": other.index,
            "stream_id": stream.id,
            "seq": statement.seq,
            "type": statement.type,
            "statement_id": statement.statement_id,
            "leaf_hash": statement.leaf_hash,
            "accepted_at": other.accepted_at,
            "period_start": None if period is None else period[0],
            "period_end": None if period is None else period[1],
            "entry": other.entry,
        }
        try:
            self._replay.apply(row, statement)
        except (AttestationError, LedgerError) as error:
            self._divergences.refused(Area.LOG, f"entry {other.index}", error, leaf_hash=statement.leaf_hash)
        except (SQLAlchemyError, RuntimeError, LookupError) as error:
            self._divergences.add(
                Area.LOG,
                f"entry {other.index}",
                "audit.follows",
                str(error),
                "a statement that can follow those before",
            )
        self.places.take_other(name, statement.seq, other.index)
        self._signers.clear()

    def _stream(self, name: Name) -> StreamPlaces:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = max(self._numbers.values(), default=0) + 1
        return self.places.open(name, number)

    def _place(self, stream: StreamPlaces, name: Name, first: int, last: int, index: int) -> None:
        try:
            self._replay.place(stream.id, name, first, last)
        except RuntimeError as error:
            self._divergences.add(Area.STREAM, f"entry {index}", "sequence.place", str(error), "places that are free")

    def _signer(self, issuer: str, kid: str, statement: Statement | None = None) -> KeyRecord | None:
        place = (issuer, kid)
        if place not in self._signers:
            self._signers[place] = self._replay.key(issuer, kid)
        record = self._signers[place]
        if record is None and statement is not None:
            try:
                return self._replay.find_key(statement)
            except AttestationError as error:
                self._divergences.refused(Area.IDENTITY, f"{issuer} {kid}", error)
                return None
        if record is None:
            self._divergences.add(Area.IDENTITY, f"{issuer} {kid}", "key.unknown", kid, f"a key of {issuer}")
        return record

    def _check_status(self, record: KeyRecord, index: int) -> None:
        if index and index <= record.activated_index:
            self._identity(index, "key.not_active", f"active after {record.activated_index}", "an active key")
        if record.revoked_index is not None and index >= record.revoked_index:
            self._identity(index, "key.revoked", f"ended at {record.revoked_index}", "an active key")

    def _check_reader(self, run: Run, record: KeyRecord) -> None:
        kind = self._replay.kind(run.stream[0])
        needed = None if kind is None else SIGNERS["reading"].get(kind)
        if needed is None or not needed.value & record.purposes.value:
            self._identity(run.first_index, "purpose.key", ", ".join(record.purposes.names()), "who may sign readings")

    def _identity(self, index: int, rule: str, found: object, expected: object) -> None:
        self._divergences.add(Area.IDENTITY, f"entry {index}", rule, found, expected)

    def _tell_streams(self) -> None:
        for name, stream in self.places.changed():
            self._replay.stand(stream.id, name, stream.standing())

    def _check_sums(self, index: int, report: Report) -> bool:
        """Name each citation whose sum is another one. Returns whether there was none."""
        found = self._divergences.count
        for where, one in citations_of(report):
            part = self._sums.get(Cited(one.issuer, one.stream, one.first_seq, one.last_seq))
            wanted = one.last_seq - one.first_seq + 1
            if part is None or part.count != wanted:
                self._report(index, where, "citation.open", f"{0 if part is None else part.count} readings", wanted)
            elif part.units != [one.unit]:
                self._report(index, where, "citation.unit", ", ".join(part.units), one.unit)
            elif part.total != _decimal(one.quantity):
                self._report(index, where, "citation.sum", one.quantity, str(part.total))
        return self._divergences.count == found

    def _report(self, index: int, where: str, rule: str, found: object, expected: object) -> None:
        self._divergences.add(Area.REPORT, f"entry {index}, {where}", rule, found, expected)


def _decimal(text: str) -> Decimal | None:
    try:
        return parse_decimal(text)
    except AttestationError:
        return None


def _added(one: Part, other: Part) -> Part:
    """Two parts of a cited range as one."""
    first, last = (one, other) if one.first_seq < other.first_seq else (other, one)
    # Readings that came late lie inside of what was added up before: then the ends are those of the wider part.
    ends = last if last.last_seq > first.last_seq else first
    meters = ends.meters if set(ends.meters) >= set(first.meters) else [*ends.meters[:1], *first.meters[:1]]
    return Part(
        one.count + other.count,
        exact_context().add(one.total, other.total),
        list(dict.fromkeys([*first.units, *last.units])),
        first.first_seq,
        first.start,
        ends.last_seq,
        ends.end,
        meters,
    )


@contextmanager
def _here(evidence: LogEvidence) -> Iterator[Judged]:
    """Judges ranges in this process."""

    def judged(setup: Setup, tasks: Sequence[Task]) -> Iterator[RangeResult]:
        judge = RangeJudge(setup.origin, setup.skew, setup.keys, setup.cited, evidence.streams())
        return (judge.judge(evidence, *task) for task in tasks)

    yield judged
