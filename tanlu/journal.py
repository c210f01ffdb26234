"""The journal of an import: what the service acknowledged, with its promises; one JSON object a line, appended.

The first line says which file goes where; then one line per acknowledged chunk (``first_seq``, ``last_seq``,
``promise``, ``indexes``); then the result with the sum, which `tanlu report build` cites. The promises are the
enterprise's own evidence against a log that loses an entry. The import does not depend on it: without a journal the
place in the stream is found by asking the service.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tanlu.client import BulkChunk
from tanlu.errors import InputRefused
from tanlu.files import no_folder

TYPE = "tanlu-import-journal"


class Journal:
    """An open journal; it is locked, so that one file is imported by one process at a time.

    ``header`` identifies the import: log, issuer, kid, stream, unit, SHA-256 of the file, rows. Raises InputRefused:
    ``journal.other`` (it is of another import), ``journal.busy``, ``journal.format``;
    ``file.folder`` where it cannot be made.
    """

    def __init__(self, path: Path, header: dict[str, object]) -> None:
        self._path = path
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
            self.first_seq = self._begin({"v": 1, "type": TYPE, **header})
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def start(self, first_seq: int) -> None:
        """Fix the seq of the file's first row, once, before anything is sent."""
        if self.first_seq is None:
            self._append({"first_seq": first_seq})
            self.first_seq = first_seq

    def acknowledge(self, first_seq: int, last_seq: int, chunk: BulkChunk) -> None:
        """Keep what the service answered for the rows `first_seq` to `last_seq`, durably."""
        indexes = [result.index for result in chunk.results]
        line: dict[str, object] = {"first": first_seq, "last": last_seq, "indexes": _spans(indexes)}
        repeated = [result.promise for result in chunk.results if result.promise is not None]
        self._append({**line, "promise": chunk.promise, **({"repeated_promises": repeated} if repeated else {})})

    def finish(self, last_seq: int, total: str, unit: str, close_index: int | None) -> None:
        """Keep the result: the range and its exact sum."""
        self._append({"done": True, "last_seq": last_seq, "quantity": total, "unit": unit, "close_index": close_index})

    def _begin(self, header: dict[str, object]) -> int | None:
        lines = _whole_lines(self._path)
        # A line that a crash left unfinished says nothing; what comes next must not be glued to it.
        self._file.truncate(sum(len(line) + 1 for line in lines))
        if not lines:
            self._append(header)
            return None
        found = _parse(self._path, lines)
        for name, value in header.items():
            if found[0].get(name) != value:
                raise _refused(
                    "journal.other",
                    self._path,
                    f"{name} {found[0].get(name)}",
                    f"{name} {value}",
                    "导入日志属于另一次导入",
                )
        return next((int(line["first_seq"]) for line in found[1:] if "first_seq" in line), None)

    def _append(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def read_citation(path: Path) -> dict[str, object]:
    """The citation of a finished import: issuer, stream, first_seq, last_seq, quantity, unit.

    Raises InputRefused (``journal.format``, ``journal.unfinished``).
    """
    found = _parse(path, _whole_lines(path))
    done = next((line for line in reversed(found) if line.get("done")), None)
    first = next((line["first_seq"] for line in found if "first_seq" in line), None)
    if done is None or first is None:
        raise _refused("journal.unfinished", path, "no result", "the journal of a finished import", "导入尚未完成")
    return {
        "issuer": found[0]["issuer"],
        "stream": found[0]["stream"],
        "first_seq": first,
        "last_seq": done["last_seq"],
        "quantity": done["quantity"],
        "unit": done["unit"],
    }


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
