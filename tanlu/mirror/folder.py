"""A mirror on its way: a folder of what was fetched and checked so far. One that was killed goes on where it was.

What lies there is checked again before it is used: a file that was cut off or altered is fetched anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from ledger.archive.layout import EntryLine, EquivocationLine, HeadLine, RefusedLine
from ledger.audit.evidence import EntryRow, HeadRow, RefusedRow
from tanlu.client.mirror import MirrorStanding, Part
from tanlu.errors import InputRefused

PAGE: Final = 1_024
"""Entries of a page: whole tiles."""
_PARTS: Final[tuple[Part, ...]] = ("heads", "equivocations", "refused")


class Begun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which log up to which signed checkpoint the mirror is."""

    v: int = 1
    log: str
    note: str
    standing: MirrorStanding


_Line = TypeVar("_Line", bound=msgspec.Struct)
_entry_decoder: Final = msgspec.json.Decoder(EntryLine)


class MirrorFolder:
    """The folder at ``path``; made where there is none. Evidence of a log (``ledger.archive.lines.Recorded``) once it
    is complete."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def evidence(self) -> Path:
        """Where answers are kept that a service is refused for; they stay."""
        return self.path / "evidence"

    def begun(self) -> Begun | None:
        """What was begun here, if anything was. Raises InputRefused (``mirror.folder``) for what is no mirror's."""
        try:
            data = (self.path / "mirror.json").read_bytes()
        except FileNotFoundError:
            if self.path.exists() and any(path != self.evidence for path in self.path.iterdir()):
                raise self._refused("files that are no mirror's") from None
            return None
        except OSError as error:
            raise self._refused(error.strerror) from error
        try:
            return msgspec.json.decode(data, type=Begun)
        except msgspec.DecodeError as error:
            raise self._refused(f"mirror.json: {error}") from error

    def begin(self, begun: Begun) -> None:
        """Begin, with everything that there was gone. Raises InputRefused (``mirror.folder``)."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refused(error.strerror) from error
        self.write("mirror.json", msgspec.json.format(msgspec.json.encode(begun), indent=1))

    def remove(self) -> None:
        """Take away everything that a mirror left."""
        for pattern in ("entries-*", "mirror.json", "trust.json", *(f"{part}.jsonl" for part in _PARTS), "*.part"):
            for path in self.path.glob(pattern):
                path.unlink()
        if not any(self.path.iterdir()):
            self.path.rmdir()

    def write(self, name: str, data: bytes) -> None:
        """A file that is there whole or not at all."""
        partial = self.path / f"{name}.part"
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path / name)

    def read(self, name: str) -> bytes | None:
        """A file's bytes, None where there is none."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def entries(self, first: int, last: int) -> Iterator[EntryRow]:
        """See ``Recorded``."""
        for page in range(first // PAGE, last // PAGE + 1):
            for line in (self.read(page_name(page)) or b"").splitlines():
                row = row_of(line)
                if first <= row.index <= last:
                    yield row

    def heads(self) -> Iterator[HeadRow]:
        """See ``Recorded``."""
        yield from (HeadRow(line.epoch, line.size, line.note) for line in self._lines("heads", HeadLine))

    def equivocations(self) -> Iterator[tuple[int, bytes]]:
        """See ``Recorded``."""
        for line in self._lines("equivocations", EquivocationLine):
            yield line.index, line.entry.encode("ascii")

    def refused(self) -> Iterator[RefusedRow]:
        """See ``Recorded``."""
        for line in self._lines("refused", RefusedLine):
            yield RefusedRow(bytes.fromhex(line.op_id), line.kind, line.reason)

    def _lines(self, part: Part, kind: type[_Line]) -> Iterator[_Line]:
        decoder = msgspec.json.Decoder(kind)
        yield from (decoder.decode(line) for line in (self.read(f"{part}.jsonl") or b"").splitlines())

    def _refused(self, value: object) -> InputRefused:
        return InputRefused(
            rule="mirror.folder",
            value=f"{self.path}: {value}",
            expected="an empty folder, or one that a mirror left",
            expected_zh="空目录，或镜像留下的目录",
            message=f"A mirror cannot go on in {self.path}",
            message_zh=f"无法在目录 {self.path} 中继续镜像",
        )


def page_name(page: int) -> str:
    """The file of a page."""
    return f"entries-{page:09}.jsonl"


def row_of(line: bytes) -> EntryRow:
    """A line of a page. Raises ValueError for what is none."""
    found = _entry_decoder.decode(line)
    return EntryRow(found.index, found.accepted_at, found.entry.encode("ascii"), {})
