"""Results of ranges that were judged before, kept in a file: an audit that was ended half-way goes on where it stood.

What a worker finds in a range follows from the range's entries, the keys and citations of the log, and this program. So
a result is kept under a hash of just these, and is taken again only for the very same; whatever depends on order (keys
as of a position, places, what was established, heads) is computed anew each time from the kept results, and no state of
an audit is stored at all. Bytes of the evidence that changed since give another hash, and are judged.

The file itself is believed: it is the auditor's own, as is the program that wrote it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

import attestation
import ledger
from ledger.audit.evidence import LogEvidence
from ledger.audit.findings import Divergence
from ledger.audit.ranges import Cited, Other, Part, RangeResult, Run
from ledger.audit.worker import Setup, Task
from ledger.audit.workers import Judged
from ledger.errors import StoreRefused

_APPLICATION: Final = 0x7A1C0A0D
"""SQLite's application id: a file of another program is not written to."""
_FORM: Final = 2
_SUM: Final = 32


class _Kept(Struct, array_like=True):
    """A result as it is stored: the order of its steps, and each kind by itself."""

    nodes: dict[int, list[bytes]]
    readings: list[bool]
    runs: list[Run]
    others: list[Other]
    cited: list[tuple[Cited, Part]]
    divergences: list[Divergence]
    checked: int


_DECODE = msgspec.msgpack.Decoder(_Kept).decode


class KeptRanges:
    """The file, open for one audit."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._path = connection, path
        self.taken = 0
        """How many ranges were not judged again."""

    def over(self, judged: Judged, evidence: LogEvidence) -> Judged:
        """The same judges, who are not asked for what they found before."""

        def results(setup: Setup, tasks: Sequence[Task]) -> Iterator[RangeResult]:
            bound, name, at = _bound(setup, evidence), b"", 0
            while at < len(tasks):
                name = _name(bound, tasks[at], evidence)
                kept = self._load(tasks[at], name)
                if kept is None:
                    break
                yield kept
                at += 1
            self.taken += at
            for task, result in zip(tasks[at:], judged(setup, tasks[at:]), strict=True):
                self._keep(name if task is tasks[at] else _name(bound, task, evidence), result)
                yield result

        return results

    def _load(self, task: Task, name: bytes) -> RangeResult | None:
        row = self._execute("SELECT result FROM ranges WHERE first = ? AND name = ?", task[0], name)
        # What was damaged on its way is judged again, as what is not there.
        if row is None or not isinstance(row[0], bytes) or row[0][:_SUM] != _sum(name, row[0][_SUM:]):
            return None
        try:
            kept = _DECODE(row[0][_SUM:])
        except msgspec.MsgspecError:
            return None
        runs, others = iter(kept.runs), iter(kept.others)
        steps: list[Run | Other] = [next(runs) if reading else next(others) for reading in kept.readings]
        first, last, *_ = task
        return RangeResult(first, last, kept.nodes, steps, dict(kept.cited), kept.divergences, kept.checked)

    def _keep(self, name: bytes, result: RangeResult) -> None:
        kept = _Kept(
            result.nodes,
            [isinstance(step, Run) for step in result.steps],
            [step for step in result.steps if isinstance(step, Run)],
            [_plain(step) for step in result.steps if isinstance(step, Other)],
            list(result.cited.items()),
            result.divergences,
            result.checked,
        )
        # One statement, one transaction: a range is kept whole or not at all.
        packed = msgspec.msgpack.encode(kept)
        query = "INSERT OR REPLACE INTO ranges (first, name, result) VALUES (?, ?, ?)"
        self._execute(query, result.first, name, _sum(name, packed) + packed)

    def _execute(self, query: str, *values: object) -> tuple[object, ...] | None:
        """The first row. Raises ``StoreRefused`` for a file that is damaged, in use, or on a disk that is full."""
        try:
            row: tuple[object, ...] | None = self._connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise _refused(self._path, str(error)) from error
        return row


@contextmanager
def kept_ranges(path: Path) -> Iterator[KeptRanges]:
    """The file at a path, made where there is none. Raises ``StoreRefused`` for a file of something else."""
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise _refused(path, str(error)) from error
    try:
        _prepare(connection, path)
        yield KeptRanges(connection, path)
    finally:
        connection.close()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if tables and application != _APPLICATION:
            raise _refused(path, "a database of something else")
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS ranges (first INTEGER PRIMARY KEY, name BLOB NOT NULL, result BLOB NOT NULL)"
        )
    except sqlite3.Error as error:
        raise _refused(path, str(error)) from error


def _refused(path: Path, found: str) -> StoreRefused:
    return StoreRefused(
        f"{path} keeps no results of an audit: {found}.",
        rule="audit.resume",
        value=f"{path}: {found}",
        expected="a file that an audit wrote, or one that is not there yet",
        message_zh=f"{path} 不是审计进度文件：{found}。",
    )


def _bound(setup: Setup, evidence: LogEvidence) -> bytes:
    """What every range's result follows from besides its entries."""
    names = sorted((number, *name) for number, name in evidence.streams().items())
    said = (_FORM, _program(), setup.origin, setup.skew, sorted(setup.keys.items()), setup.cited, names)
    return hashlib.sha256(msgspec.msgpack.encode(said)).digest()


def _sum(name: bytes, packed: bytes) -> bytes:
    return hashlib.sha256(name + packed).digest()


def _name(bound: bytes, task: Task, evidence: LogEvidence) -> bytes:
    first, last, sizes = task
    found = hashlib.sha256(bound)
    found.update(msgspec.msgpack.encode((first, last, list(sizes))))
    expected = first
    for row in evidence.entries(first, last):
        for missing in range(expected, row.index):
            found.update(msgspec.msgpack.encode((missing, evidence.leaf(missing))))
        expected = row.index + 1
        found.update(msgspec.msgpack.encode((row.index, row.accepted_at, row.entry, _sorted(row.columns))))
    for missing in range(expected, last + 1):
        found.update(msgspec.msgpack.encode((missing, evidence.leaf(missing))))
    return found.digest()


def _plain(other: Other) -> Other:
    # What is no statement was named; nobody reads what stands in its place, be it bytes or not.
    return other if other.good else Other(other.index, other.accepted_at, b"", other.good)


def _sorted(columns: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(columns.items())


@cache
def _program() -> bytes:
    """A hash of the packages that judge: a result of other rules is none."""
    found = hashlib.sha256()
    for package in (attestation, ledger):
        root = Path(str(package.__file__)).parent
        for path in sorted(path for path in root.rglob("*") if path.suffix in {".py", ".tsv"}):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.digest()
