"""The journal of an import: what the service acknowledged, with its promises; one JSON object a line, appended.

The first line says which file goes where, the second at which number it begins; then one line per acknowledged chunk
(``first``, ``last``, ``promise``, ``indexes``); then the result with the sums, which `tanlu report build` cites. The
promises are the
enterprise's own evidence against a log that loses an entry. The import does not depend on it: without a journal the
place in the stream is found by asking the service.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tanlu.client import BulkChunk
from tanlu.errors import InputRefused
from tanlu.files import no_folder

TYPE = "tanlu-import-journal"


class Journal:
    """An open journal; it is locked, so that one file is imported by one process at a time.

    ``header`` identifies the import: log, issuer, kid, stream, unit, SHA-256 of the file, rows. ``first_seq`` is the
    number of the file's first row, None before `start`. Until then nothing is written, and an import that was refused
    before anything new entered leaves no file: it would stand in the way of another key or numbering.

    Raises InputRefused: ``journal.other`` (it is of another import), ``journal.busy``, ``journal.format``, and
    ``file.folder`` where it cannot be made.
    """

    def __init__(self, path: Path, header: dict[str, object]) -> None:
        self._path = path
        self._begun_here = self._entered = False
        try:
            self._file = path.open("a+b")
        except OSError as error:
            raise no_folder(path.parent, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise _refused(
                "journal.busy", path, "another process has it", "no other import of this file", "该文件正在导入"
            ) from None
        try:
            if not _is_same(self._file.fileno(), path):  # the other import was refused and took its file along
                raise _refused("journal.busy", path, "it was just taken away", "another attempt", "请重试")
            self._header = {"v": 1, "type": TYPE, **header}
            self.first_seq = self._begin()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.first_seq is None or (self._begun_here and not self._entered and isinstance(error, InputRefused)):
            self._path.unlink(missing_ok=True)
        self._file.close()

    def place(self, given: int | None) -> int | None:
        """The number of the file's first row, as the journal or else the caller says; None where neither knows.

        Raises InputRefused (``journal.first_seq``) where they contradict each other.
        """
        if None not in (given, self.first_seq) and given != self.first_seq:
            raise InputRefused(
                rule="journal.first_seq",
                value=f"--first-seq {given}",
                expected=f"seq {self.first_seq}, where {self._path.name} says that the file's first row stands",
                message=f"{self._path.name} says that this file begins at seq {self.first_seq}, not at {given}: "
                "its rows have their places already; nothing was sent",
                message_zh=f"{self._path.name} 记载该文件自第 {self.first_seq} 号开始，而非第 {given} 号；"
                "其读数已有序号，未发送任何数据",
            )
        return self.first_seq or given

    def start(self, first_seq: int) -> None:
        """Fix the seq of the file's first row, once, before anything is sent."""
        if self.first_seq is None:
            self._append(self._header)
            self._append({"first_seq": first_seq})
            self.first_seq = first_seq
            self._begun_here = True

    def acknowledge(self, first_seq: int, last_seq: int, chunk: BulkChunk) -> None:
        """Keep what the service answered for the rows `first_seq` to `last_seq`, durably."""
        indexes = [result.index for result in chunk.results]
        self._entered = self._entered or any(result.status == "accepted" for result in chunk.results)
        line: dict[str, object] = {"first": first_seq, "last": last_seq, "indexes": _spans(indexes)}
        repeated = [result.promise for result in chunk.results if result.promise is not None]
        self._append({**line, "promise": chunk.promise, **({"repeated_promises": repeated} if repeated else {})})

    def finish(
        self, last_seq: int, ranges: Sequence[tuple[int, int, str]], total: str, unit: str, close_index: int | None
    ) -> None:
        """Keep the result: the exact sum, and the `ranges` without an open number (first, last, exact sum)."""
        result = {"done": True, "last_seq": last_seq, "quantity": total, "unit": unit, "close_index": close_index}
        self._append({**result, **({"ranges": ranges} if len(ranges) > 1 else {})})

    def _begin(self) -> int | None:
        lines = _whole_lines(self._path)
        # A line that a crash left unfinished says nothing; what comes next must not be glued to it.
        self._file.truncate(sum(len(line) + 1 for line in lines))
        if not lines:
            return None
        found = _parse(self._path, lines)
        first_seq = next((int(line["first_seq"]) for line in found[1:] if "first_seq" in line), None)
        if first_seq is None:  # the journal of an import that was refused, or killed, before it sent anything
            self._file.truncate(0)
            return None
        for name in dict.fromkeys((*self._header, *found[0])):
            value = self._header.get(name)
            if found[0].get(name) != value:
                raise _refused(
                    "journal.other",
                    self._path,
                    f"{name} {found[0].get(name, 'not given')}",
                    f"{name} {'not given' if value is None else value}",
                    "导入日志属于另一次导入",
                )
        return first_seq

    def _append(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def read_citations(path: Path) -> list[dict[str, object]]:
    """The citations of a finished import, one for each range without a number left open: issuer, stream, first_seq,
    last_seq, quantity, unit.

    Raises InputRefused (``journal.format``, ``journal.unfinished``).
    """
    found = _parse(path, _whole_lines(path))
    done = next((line for line in reversed(found) if line.get("done")), None)
    first = next((line["first_seq"] for line in found if "first_seq" in line), None)
    if done is None or first is None:
        raise _refused("journal.unfinished", path, "no result", "the journal of a finished import", "导入尚未完成")
    try:
        ranges = [(start, end, total) for start, end, total in done["ranges"]] if "ranges" in done else None
    except (TypeError, ValueError) as error:
        raise _refused(
            "journal.format", path, "other ranges", "a journal of tanlu import-readings", "格式有误"
        ) from error
    return [
        {
            "issuer": found[0]["issuer"],
            "stream": found[0]["stream"],
            "first_seq": start,
            "last_seq": end,
            "quantity": total,
            "unit": done["unit"],
        }
        for start, end, total in ranges or [(first, done["last_seq"], done["quantity"])]
    ]


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _whole_lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise _refused("journal.format", path, error.strerror, "a journal", "无法读取导入日志") from error


def _parse(path: Path, lines: list[bytes]) -> list[dict[str, Any]]:
    try:
        found = [json.loads(line) for line in lines]
    except ValueError:
        found = []
    if not found or not all(isinstance(line, dict) for line in found) or found[0].get("type") != TYPE:
        raise _refused("journal.format", path, "other content", "a journal of tanlu import-readings", "不是导入日志")
    return found


def _spans(indexes: list[int | None]) -> list[list[int]]:
    spans: list[list[int]] = []
    for index in indexes:
        if index is None:
            continue
        if spans and index == spans[-1][1] + 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    return spans


def _refused(rule: str, path: Path, value: object, expected: str, zh: str) -> InputRefused:
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        message=f"{path.name}: found {value}, expected {expected}",
        message_zh=f"{path.name}：{zh}",
    )
